// State timeline and status history, drawn here: Grafana's live in its core. Colours and words of
// values are Grafana's (mappings, thresholds); a gap is no data.
import { FieldType, formattedValueToString, getFieldDisplayName, type DataFrame, type Field } from '@grafana/data';
import { measureText } from '@grafana/ui';

import type { PanelProps } from '../panel';
import { WithLegend } from './legend';
import { timeTicks } from './ticks';

const FONT = 12;

interface Lane {
  name: string;
  field: Field;
  times: number[];
}

interface Stretch {
  from: number;
  to: number;
  value: unknown;
}

function lanes(frames: DataFrame[]): Lane[] {
  return frames.flatMap((frame) => {
    const time = frame.fields.find((field) => field.type === FieldType.time);
    const others = frame.fields.filter((field) => field.type !== FieldType.time && !field.config.custom?.hideFrom?.viz);
    return time === undefined
      ? []
      : others.map((field) => ({ name: getFieldDisplayName(field, frame, frames), field, times: [...time.values] }));
  });
}

function stretches({ field, times }: Lane, end: number, merge: boolean): Stretch[] {
  const found: Stretch[] = [];
  const steps = times.slice(1).map((time, index) => time - times[index]!);
  const usual = steps.length > 0 ? Math.min(...steps) : end - (times[0] ?? end);
  const shown = (value: unknown) => formattedValueToString(field.display!(value));
  times.forEach((time, index) => {
    const value: unknown = field.values[index];
    if (value === null || value === undefined) {
      return;
    }
    const to = Math.min(times[index + 1] ?? time + usual, end);
    const last = found[found.length - 1];
    if (merge && last !== undefined && last.to === time && shown(last.value) === shown(value)) {
      last.to = to;
    } else {
      found.push({ from: time, to, value });
    }
  });
  return found;
}

export function StatesPanel(props: PanelProps) {
  const { frames, options, width, height, timeRange, timeZone, theme, panel } = props;
  const rows = lanes(frames);
  const from = timeRange.from.valueOf();
  const to = timeRange.to.valueOf();
  const history = panel.type === 'status-history';
  const seen = new Map<string, string>();
  const drawn = rows.map((row) => stretches(row, to, !history && options['mergeValues']));
  drawn.forEach((found, index) =>
    found.forEach(({ value }) => {
      const display = rows[index]!.field.display!(value);
      seen.set(formattedValueToString(display), display.color ?? theme.colors.text.disabled);
    })
  );
  const items = [...seen].map(([label, color]) => ({ label, color }));
  return (
    <WithLegend legend={options['legend']} items={items} width={width} height={height}>
      {(innerWidth, innerHeight) => {
        const left = Math.min(
          innerWidth * 0.4,
          Math.max(0, ...rows.map((row) => measureText(row.name, FONT).width)) + 10
        );
        const across = innerWidth - left - 4;
        const lane = (innerHeight - 24) / Math.max(rows.length, 1);
        const x = (time: number) => left + ((Math.max(time, from) - from) / (to - from)) * across;
        const thick = lane * options['rowHeight'];
        return (
          <svg width={innerWidth} height={innerHeight} fontSize={FONT} fontFamily={theme.typography.fontFamily}>
            {timeTicks(from, to, across / 90, timeZone).map((tick) => (
              <g key={tick.at}>
                <line x1={x(tick.at)} x2={x(tick.at)} y1={0} y2={innerHeight - 22} stroke={theme.colors.border.weak} />
                <text x={x(tick.at)} y={innerHeight - 6} textAnchor="middle" fill={theme.colors.text.primary}>
                  {tick.text}
                </text>
              </g>
            ))}
            {rows.map((row, index) => (
              <g key={index}>
                <text x={left - 6} y={(index + 0.5) * lane + 4} textAnchor="end" fill={theme.colors.text.primary}>
                  {row.name}
                </text>
                {drawn[index]!.filter((one) => one.to > from).map((one) => {
                  const display = row.field.display!(one.value);
                  const words = formattedValueToString(display);
                  const wide = (x(one.to) - x(one.from)) * (history ? options['colWidth'] : 1);
                  const fits = measureText(words, FONT).width + 8 <= wide && thick >= FONT;
                  return (
                    <g key={one.from}>
                      <rect
                        x={x(one.from)}
                        y={index * lane + (lane - thick) / 2}
                        width={Math.max(wide, 1)}
                        height={thick}
                        fill={display.color}
                        fillOpacity={Number(row.field.config.custom?.fillOpacity ?? 70) / 100}
                      />
                      {options['showValue'] !== 'never' && (fits || options['showValue'] === 'always') && (
                        <text x={x(one.from) + 4} y={(index + 0.5) * lane + 4} fill={theme.colors.text.primary}>
                          {words}
                        </text>
                      )}
                    </g>
                  );
                })}
              </g>
            ))}
          </svg>
        );
      }}
    </WithLegend>
  );
}
