// Grafana's own Table; the core adds only the choice between several frames.
import { Table } from '@grafana/ui';

import type { PanelProps } from '../panel';

export function TablePanel({ frames, options, width, height, fieldConfig, timeRange, replaceVariables }: PanelProps) {
  const shown = frames[options['frameIndex']] ?? frames[0];
  return (
    <Table
      data={shown!}
      width={width}
      height={height}
      noHeader={!options['showHeader']}
      showTypeIcons={options['showTypeIcons']}
      initialSortBy={options['sortBy']}
      footerOptions={options['footer']}
      enablePagination={options['footer']?.enablePagination}
      cellHeight={options['cellHeight']}
      fieldConfig={fieldConfig}
      timeRange={timeRange}
      replaceVariables={replaceVariables}
    />
  );
}
