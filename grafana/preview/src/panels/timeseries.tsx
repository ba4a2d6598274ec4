// Grafana's own TimeSeries; the core only leaves out what has no time or no number.
import { FieldType } from '@grafana/data';
import { TimeSeries } from '@grafana/ui';

import { Message, type PanelProps } from '../panel';

export function TimeSeriesPanel({
  frames,
  options,
  width,
  height,
  theme,
  timeRange,
  timeZone,
  fieldConfig,
}: PanelProps) {
  const drawn = frames
    .filter((frame) => frame.fields.some((field) => field.type === FieldType.time))
    .map((frame) => ({
      ...frame,
      fields: frame.fields.filter((field) => field.type === FieldType.time || field.type === FieldType.number),
    }))
    .filter((frame) => frame.length > 0 && frame.fields.length > 1);
  if (drawn.length === 0) {
    return <Message theme={theme} words={fieldConfig.defaults.noValue ?? 'No data'} />;
  }
  return (
    <TimeSeries
      frames={drawn}
      width={width}
      height={height}
      timeRange={timeRange}
      timeZone={[timeZone]}
      legend={options['legend']}
      options={options}
    />
  );
}
