// A bar chart drawn here: Grafana's lives in its core. Fields, colours, units, stacking, labels and
// orientation follow the panel's options.
import {
  FieldType,
  formattedValueToString,
  getDisplayProcessor,
  getFieldDisplayName,
  getFieldSeriesColor,
  outerJoinDataFrames,
  type DataFrame,
  type Field,
} from '@grafana/data';
import { measureText } from '@grafana/ui';

import { Message, type PanelProps } from '../panel';
import { WithLegend } from './legend';
import { numberTicks } from './ticks';

const FONT = 12;

interface Bar {
  category: number;
  series: number;
  from: number;
  to: number;
  text: string;
  colour: string;
}

function joined(frames: DataFrame[]): DataFrame | undefined {
  return frames.length > 1 ? outerJoinDataFrames({ frames }) : frames[0];
}

function categoryField(frame: DataFrame, wanted: string | undefined): Field | undefined {
  const named = frame.fields.find((field) => wanted !== undefined && getFieldDisplayName(field, frame) === wanted);
  return named ?? frame.fields.find((field) => field.type === FieldType.string) ?? frame.fields.find((field) => field.type === FieldType.time);
}

function bars(frame: DataFrame, series: Field[], { options, theme }: PanelProps): Bar[] {
  const stacked = options['stacking'] !== 'none';
  const found: Bar[] = [];
  const colourBy = frame.fields.find((field) => getFieldDisplayName(field, frame) === options['colorByField']);
  for (let category = 0; category < frame.length; category++) {
    const total = series.reduce((sum, field) => sum + (Number(field.values[category]) || 0), 0);
    let base = 0;
    series.forEach((field, index) => {
      const value = field.values[category] as number | null;
      if (value === null || value === undefined || Number.isNaN(value)) {
        return;
      }
      const size = options['stacking'] === 'percent' ? value / (total || 1) : value;
      const display = field.display!(value);
      const byValue = field.config.color?.mode === 'thresholds' || field.config.color?.mode.startsWith('continuous');
      const colour = colourBy ? colourBy.display!(colourBy.values[category]).color : byValue ? display.color : undefined;
      found.push({
        category,
        series: stacked ? 0 : index,
        from: stacked ? base : 0,
        to: stacked ? base + size : size,
        text: formattedValueToString(display),
        colour: colour ?? getFieldSeriesColor(field, theme).color,
      });
      base += size;
    });
  }
  return found;
}

export function BarChartPanel(props: PanelProps) {
  const { frames, options, width, height, theme, fieldConfig } = props;
  const frame = joined(frames.filter((one) => one.length > 0));
  const category = frame && categoryField(frame, options['xField']);
  if (frame === undefined || category === undefined) {
    return <Message theme={theme} words={fieldConfig.defaults.noValue ?? 'No data'} />;
  }
  const series = frame.fields.filter((field) => field.type === FieldType.number && field !== category && !field.config.custom?.hideFrom?.viz);
  const items = series.map((field) => ({ label: getFieldDisplayName(field, frame, frames), color: getFieldSeriesColor(field, theme).color }));
  return (
    <WithLegend legend={options['legend']} items={items} width={width} height={height}>
      {(innerWidth, innerHeight) => <Chart {...props} frame={frame} category={category} series={series} width={innerWidth} height={innerHeight} />}
    </WithLegend>
  );
}

interface ChartProps extends PanelProps {
  frame: DataFrame;
  category: Field;
  series: Field[];
}

function Chart(props: ChartProps) {
  const { frame, category, series, options, width, height, theme, timeZone } = props;
  const horizontal = options['orientation'] === 'horizontal' || (options['orientation'] === 'auto' && width < height);
  const found = bars(frame, series, props);
  const config = series[0]?.config ?? {};
  const percent = options['stacking'] === 'percent';
  const low = Math.min(0, config.min ?? Infinity, ...found.map((bar) => bar.to));
  const high = percent ? 1 : (config.max ?? Math.max(...found.map((bar) => bar.to), low + 1e-9));
  const ticks = numberTicks(low, high, (horizontal ? width : height) / (horizontal ? 90 : 45));
  const top = config.max ?? ticks[ticks.length - 1] ?? 1;
  const bottom = Math.min(low, ticks[0] ?? 0);
  const format = percent ? getDisplayProcessor({ field: { config: { unit: 'percentunit' } }, theme, timeZone }) : (series[0]?.display ?? String);
  const tickText = (value: number) => {
    const shown = format(value);
    return typeof shown === 'string' ? shown : formattedValueToString(shown);
  };
  const names = [...category.values].map((value) => formattedValueToString(category.display!(value)));
  const widest = (texts: string[]) => Math.max(0, ...texts.map((text) => measureText(text, FONT).width));
  const left = Math.min(width * 0.4, widest(horizontal ? names : ticks.map(tickText)) + 10);
  const rotation = Number(options['xTickLabelRotation']);
  const below = horizontal || rotation === 0 ? 22 : Math.min(height * 0.4, widest(names) * Math.abs(Math.sin((rotation * Math.PI) / 180)) + 22);
  const plot = { x: left, y: 6, width: width - left - 12, height: height - below - 6 };
  const along = horizontal ? plot.height : plot.width;
  const band = along / Math.max(frame.length, 1);
  const lanes = options['stacking'] === 'none' ? Math.max(series.length, 1) : 1;
  const thick = (band * options['groupWidth'] * options['barWidth']) / lanes;
  const scale = (value: number) => ((Math.min(value, top) - bottom) / (top - bottom || 1)) * (horizontal ? plot.width : plot.height);
  const opacity = Number(config.custom?.fillOpacity ?? 80) / 100;
  const text = theme.colors.text.primary;
  const every = horizontal || rotation !== 0 ? 1 : Math.max(1, Math.ceil((widest(names) + 8) / band));
  return (
    <svg width={width} height={height} fontSize={FONT} fontFamily={theme.typography.fontFamily}>
      {ticks.filter((tick) => tick <= top).map((tick) => {
        const at = scale(tick);
        return horizontal ? (
          <g key={tick}>
            <line x1={plot.x + at} x2={plot.x + at} y1={plot.y} y2={plot.y + plot.height} stroke={theme.colors.border.weak} />
            <text x={plot.x + at} y={plot.y + plot.height + 16} textAnchor="middle" fill={text}>{tickText(tick)}</text>
          </g>
        ) : (
          <g key={tick}>
            <line x1={plot.x} x2={plot.x + plot.width} y1={plot.y + plot.height - at} y2={plot.y + plot.height - at} stroke={theme.colors.border.weak} />
            <text x={plot.x - 6} y={plot.y + plot.height - at + 4} textAnchor="end" fill={text}>{tickText(tick)}</text>
          </g>
        );
      })}
      {names.map((name, index) => {
        const middle = (index + 0.5) * band;
        if (index % every !== 0) {
          return null;
        }
        const shown = clipped(name, horizontal ? left - 10 : rotation === 0 ? band * every : height * 0.4);
        return horizontal ? (
          <text key={index} x={left - 6} y={plot.y + middle + 4} textAnchor="end" fill={text}>{shown}</text>
        ) : (
          <text
            key={index}
            textAnchor={rotation === 0 ? 'middle' : rotation < 0 ? 'end' : 'start'}
            transform={`translate(${plot.x + middle} ${plot.y + plot.height + 16}) rotate(${rotation})`}
            fill={text}
          >
            {shown}
          </text>
        );
      })}
      {found.map((bar, index) => {
        const start = (bar.category + 0.5) * band - (thick * lanes) / 2 + bar.series * thick;
        const [from, to] = [scale(Math.min(bar.from, bar.to)), scale(Math.max(bar.from, bar.to))];
        const box = horizontal
          ? { x: plot.x + from, y: plot.y + start, width: to - from, height: thick }
          : { x: plot.x + start, y: plot.y + plot.height - to, width: thick, height: to - from };
        const label = measureText(bar.text, FONT).width + 6;
        const stacked = options['stacking'] !== 'none';
        const fits = horizontal ? thick >= FONT && (!stacked || to - from >= label) : label <= thick && (!stacked || to - from >= FONT + 2);
        const inside = stacked || (horizontal ? plot.x + to + label > width : box.y < FONT + 2);
        return (
          <g key={index}>
            <rect {...box} fill={bar.colour} fillOpacity={opacity} stroke={bar.colour} />
            {options['showValue'] !== 'never' && (fits || options['showValue'] === 'always') && (
              <text
                x={horizontal ? plot.x + to + (inside ? -4 : 4) : box.x + thick / 2}
                y={horizontal ? box.y + thick / 2 + 4 : box.y + (inside ? FONT + 2 : -4)}
                textAnchor={horizontal ? (inside ? 'end' : 'start') : 'middle'}
                fill={inside ? theme.colors.getContrastText(bar.colour) : text}
              >
                {bar.text}
              </text>
            )}
          </g>
        );
      })}
    </svg>
  );
}

function clipped(text: string, room: number): string {
  if (measureText(text, FONT).width <= room) {
    return text;
  }
  let end = text.length - 1;
  while (end > 1 && measureText(`${text.slice(0, end)}…`, FONT).width > room) {
    end--;
  }
  return `${text.slice(0, end)}…`;
}
