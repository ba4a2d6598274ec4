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
  return (
    named ??
    frame.fields.find((field) => field.type === FieldType.string) ??
    frame.fields.find((field) => field.type === FieldType.time)
  );
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
      const colour = colourBy
        ? colourBy.display!(colourBy.values[category]).color
        : byValue
          ? display.color
          : undefined;
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
  const series = frame.fields.filter(
    (field) => field.type === FieldType.number && field !== category && !field.config.custom?.hideFrom?.viz
  );
  const items = series.map((field) => ({
    label: getFieldDisplayName(field, frame, frames),
    color: getFieldSeriesColor(field, theme).color,
  }));
  return (
    <WithLegend legend={options['legend']} items={items} width={width} height={height}>
      {(innerWidth, innerHeight) => (
        <Chart {...props} frame={frame} category={category} series={series} width={innerWidth} height={innerHeight} />
      )}
    </WithLegend>
  );
}

interface ChartProps extends PanelProps {
  frame: DataFrame;
  category: Field;
  series: Field[];
}

/** Where things are; values and categories are measured from the plot's origin. */
interface Geometry {
  horizontal: boolean;
  plot: { x: number; y: number; width: number; height: number };
  /** Room of a category, and of one bar in it. */
  band: number;
  thick: number;
  lanes: number;
  ticks: number[];
  tickText: (value: number) => string;
  names: string[];
  rotation: number;
  /** Pixels of a value along its axis. */
  scale: (value: number) => number;
}

function tickFormat(series: Field[], percent: boolean, { theme, timeZone }: PanelProps) {
  const display = percent
    ? getDisplayProcessor({ field: { config: { unit: 'percentunit' } }, theme, timeZone })
    : series[0]?.display;
  return (value: number) => (display === undefined ? String(value) : formattedValueToString(display(value)));
}

function geometry(props: ChartProps, found: Bar[]): Geometry {
  const { frame, category, series, options, width, height } = props;
  const horizontal = options['orientation'] === 'horizontal' || (options['orientation'] === 'auto' && width < height);
  const { min, max } = series[0]?.config ?? {};
  const percent = options['stacking'] === 'percent';
  const low = Math.min(0, min ?? Infinity, ...found.map((bar) => bar.to));
  const high = percent ? 1 : (max ?? Math.max(...found.map((bar) => bar.to), low + 1e-9));
  const all = numberTicks(low, high, horizontal ? width / 90 : height / 45);
  const top = max ?? all[all.length - 1] ?? 1;
  const bottom = Math.min(low, all[0] ?? 0);
  const tickText = tickFormat(series, percent, props);
  const names = [...category.values].map((value) => formattedValueToString(category.display!(value)));
  const rotation = Number(options['xTickLabelRotation']);
  const left = Math.min(width * 0.4, widest(horizontal ? names : all.map(tickText)) + 10);
  const slope = horizontal ? 0 : Math.abs(Math.sin((rotation * Math.PI) / 180));
  const below = Math.min(height * 0.4, widest(names) * slope) + 22;
  const plot = { x: left, y: 6, width: width - left - 12, height: height - below - 6 };
  const lanes = options['stacking'] === 'none' ? Math.max(series.length, 1) : 1;
  const band = (horizontal ? plot.height : plot.width) / Math.max(frame.length, 1);
  const length = horizontal ? plot.width : plot.height;
  return {
    horizontal,
    plot,
    band,
    lanes,
    thick: (band * options['groupWidth'] * options['barWidth']) / lanes,
    ticks: all.filter((tick) => tick <= top),
    tickText,
    names,
    rotation,
    scale: (value) => ((Math.min(value, top) - bottom) / (top - bottom || 1)) * length,
  };
}

function Chart(props: ChartProps) {
  const { width, height, theme } = props;
  const found = bars(props.frame, props.series, props);
  const places = geometry(props, found);
  return (
    <svg width={width} height={height} fontSize={FONT} fontFamily={theme.typography.fontFamily}>
      <ValueAxis {...places} line={theme.colors.border.weak} text={theme.colors.text.primary} />
      <CategoryAxis {...places} height={height} text={theme.colors.text.primary} />
      {found.map((bar, index) => (
        <OneBar key={index} bar={bar} places={places} chart={props} />
      ))}
    </svg>
  );
}

function ValueAxis({
  horizontal,
  plot,
  ticks,
  tickText,
  scale,
  line,
  text,
}: Geometry & { line: string; text: string }) {
  const base = plot.y + plot.height;
  return ticks.map((tick) => {
    const [x, y] = horizontal ? [plot.x + scale(tick), base] : [plot.x, base - scale(tick)];
    return horizontal ? (
      <g key={tick}>
        <line x1={x} x2={x} y1={plot.y} y2={base} stroke={line} />
        <text x={x} y={base + 16} textAnchor="middle" fill={text}>
          {tickText(tick)}
        </text>
      </g>
    ) : (
      <g key={tick}>
        <line x1={x} x2={plot.x + plot.width} y1={y} y2={y} stroke={line} />
        <text x={x - 6} y={y + 4} textAnchor="end" fill={text}>
          {tickText(tick)}
        </text>
      </g>
    );
  });
}

function CategoryAxis({
  horizontal,
  plot,
  band,
  names,
  rotation,
  height,
  text,
}: Geometry & { height: number; text: string }) {
  const every = horizontal || rotation !== 0 ? 1 : Math.max(1, Math.ceil((widest(names) + 8) / band));
  const room = horizontal ? plot.x - 10 : rotation === 0 ? band * every : height * 0.4;
  const anchor = horizontal || rotation < 0 ? 'end' : rotation === 0 ? 'middle' : 'start';
  return names.map((name, index) => {
    const middle = (index + 0.5) * band;
    const [x, y] = horizontal ? [plot.x - 6, plot.y + middle + 4] : [plot.x + middle, plot.y + plot.height + 16];
    return index % every !== 0 ? null : (
      <text
        key={index}
        textAnchor={anchor}
        transform={`translate(${x} ${y}) rotate(${horizontal ? 0 : rotation})`}
        fill={text}
      >
        {clipped(name, room)}
      </text>
    );
  });
}

function OneBar({ bar, places, chart }: { bar: Bar; places: Geometry; chart: ChartProps }) {
  const { horizontal, plot, band, thick, lanes, scale } = places;
  const start = (bar.category + 0.5) * band - (thick * lanes) / 2 + bar.series * thick;
  const [from, to] = [scale(Math.min(bar.from, bar.to)), scale(Math.max(bar.from, bar.to))];
  const box = horizontal
    ? { x: plot.x + from, y: plot.y + start, width: to - from, height: thick }
    : { x: plot.x + start, y: plot.y + plot.height - to, width: thick, height: to - from };
  const opacity = Number(chart.series[0]?.config.custom?.fillOpacity ?? 80) / 100;
  return (
    <g>
      <rect {...box} fill={bar.colour} fillOpacity={opacity} stroke={bar.colour} />
      <BarLabel bar={bar} box={box} horizontal={horizontal} chart={chart} />
    </g>
  );
}

interface LabelProps {
  bar: Bar;
  box: { x: number; y: number; width: number; height: number };
  horizontal: boolean;
  chart: ChartProps;
}

/** Beside the end of its bar, or in it where bars are stacked or there is no room. */
function BarLabel({ bar, box, horizontal, chart }: LabelProps) {
  const { options, width, theme } = chart;
  const stacked = options['stacking'] !== 'none';
  const wide = measureText(bar.text, FONT).width + 6;
  const fits = horizontal
    ? box.height >= FONT && (!stacked || box.width >= wide)
    : wide <= box.width && (!stacked || box.height >= FONT + 2);
  if (options['showValue'] === 'never' || !(fits || options['showValue'] === 'always')) {
    return null;
  }
  const end = box.x + box.width;
  const inside = stacked || (horizontal ? end + wide > width : box.y < FONT + 2);
  return (
    <text
      x={horizontal ? end + (inside ? -4 : 4) : box.x + box.width / 2}
      y={horizontal ? box.y + box.height / 2 + 4 : box.y + (inside ? FONT + 2 : -4)}
      textAnchor={horizontal ? (inside ? 'end' : 'start') : 'middle'}
      fill={inside ? theme.colors.getContrastText(bar.colour) : theme.colors.text.primary}
    >
      {bar.text}
    </text>
  );
}

function widest(texts: string[]): number {
  return Math.max(0, ...texts.map((text) => measureText(text, FONT).width));
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
