// Grafana's VizLegend below or beside what a panel draws here.
import { VizLayout, VizLegend, type VizLegendItem } from '@grafana/ui';
import type { ReactNode } from 'react';

interface Props {
  legend: { showLegend: boolean; placement: 'bottom' | 'right'; displayMode: 'list' | 'table' | 'hidden' };
  items: Array<{ label: string; color: string; values?: VizLegendItem['getDisplayValues'] }>;
  width: number;
  height: number;
  children: (width: number, height: number) => ReactNode;
}

export function WithLegend({ legend, items, width, height, children }: Props) {
  const { placement, displayMode } = legend;
  const entries = items.map(({ label, color, values }) => ({ label, color, yAxis: 1, getDisplayValues: values }));
  const shown =
    legend.showLegend && displayMode !== 'hidden' && entries.length > 0 ? (
      <VizLayout.Legend placement={placement} maxHeight="35%" maxWidth="60%">
        <VizLegend placement={placement} items={entries} displayMode={displayMode as never} />
      </VizLayout.Legend>
    ) : null;
  return (
    <VizLayout width={width} height={height} legend={shown}>
      {children}
    </VizLayout>
  );
}
