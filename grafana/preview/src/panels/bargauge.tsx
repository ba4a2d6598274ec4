// The layout of core's BarGaugePanel around Grafana's own BarGauge.
import { getDisplayValueAlignmentFactors, type FieldDisplay } from '@grafana/data';
import { BarGauge, VizRepeater, type VizRepeaterRenderValueProps } from '@grafana/ui';

import type { PanelProps } from '../panel';
import { displayValues } from './stat';

const AUTO = { minVizWidth: 8, minVizHeight: 16, maxVizHeight: 300 };

export function BarGaugePanel(props: PanelProps) {
  const { options, frames, width, height, theme } = props;
  const sizes = options['sizing'] === 'manual' ? options : AUTO;
  const spacing = options['displayMode'] === 'lcd' ? 2 : 10;
  const draw = ({
    value,
    alignmentFactors,
    orientation,
    width,
    height,
    count,
  }: VizRepeaterRenderValueProps<FieldDisplay, ReturnType<typeof getDisplayValueAlignmentFactors>>) => (
    <BarGauge
      value={value.display}
      field={value.field}
      display={value.colIndex === undefined ? undefined : value.view?.getFieldDisplayProcessor(value.colIndex)}
      width={width}
      height={height}
      orientation={orientation}
      text={options['text']}
      theme={theme}
      itemSpacing={spacing}
      displayMode={options['displayMode']}
      alignmentFactors={count > 1 ? alignmentFactors : undefined}
      showUnfilled={options['showUnfilled']}
      valueDisplayMode={options['valueMode']}
      namePlacement={options['namePlacement']}
      isOverflow={false}
    />
  );
  return (
    <VizRepeater
      getValues={() => displayValues(props, false)}
      getAlignmentFactors={getDisplayValueAlignmentFactors}
      renderValue={draw}
      width={width}
      height={height}
      source={frames}
      itemSpacing={spacing}
      renderCounter={0}
      orientation={options['orientation']}
      minVizWidth={sizes['minVizWidth']}
      minVizHeight={sizes['minVizHeight']}
      maxVizHeight={sizes['maxVizHeight']}
    />
  );
}
