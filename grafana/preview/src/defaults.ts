// What a panel plugin of Grafana 11.6 adds where the JSON says nothing: its options and the custom
// part of its field configuration (public/app/plugins/panel/*/module.tsx).
import { FieldColorModeId, ThresholdsMode, type FieldColor, type ThresholdsConfig } from '@grafana/data';

interface Defaults {
  options: Record<string, unknown>;
  custom: Record<string, unknown>;
  color: FieldColor;
}

const THRESHOLDS = { mode: FieldColorModeId.Thresholds };
const PALETTE = { mode: FieldColorModeId.PaletteClassic };
const REDUCE = { values: false, calcs: ['lastNotNull'], fields: '' };
const LEGEND = { displayMode: 'list', placement: 'bottom', showLegend: true, calcs: [] };

const AXES = {
  axisPlacement: 'auto',
  axisColorMode: 'text',
  axisBorderShow: false,
  axisLabel: '',
  scaleDistribution: { type: 'linear' },
  hideFrom: { viz: false, legend: false, tooltip: false },
};

const BY_TYPE: Record<string, Defaults> = {
  timeseries: {
    options: { legend: LEGEND },
    custom: {
      ...AXES,
      drawStyle: 'line',
      lineInterpolation: 'linear',
      lineWidth: 1,
      fillOpacity: 0,
      gradientMode: 'none',
      barAlignment: 0,
      barWidthFactor: 0.6,
      showPoints: 'auto',
      pointSize: 5,
      spanNulls: false,
      insertNulls: false,
      stacking: { mode: 'none', group: 'A' },
      thresholdsStyle: { mode: 'off' },
    },
    color: PALETTE,
  },
  stat: {
    options: {
      reduceOptions: REDUCE,
      orientation: 'auto',
      textMode: 'auto',
      wideLayout: true,
      colorMode: 'value',
      graphMode: 'area',
      justifyMode: 'auto',
      showPercentChange: false,
      percentChangeColorMode: 'standard',
    },
    custom: {},
    color: THRESHOLDS,
  },
  gauge: {
    options: {
      reduceOptions: REDUCE,
      orientation: 'auto',
      showThresholdMarkers: true,
      showThresholdLabels: false,
      sizing: 'auto',
      minVizWidth: 75,
      minVizHeight: 75,
    },
    custom: {},
    color: THRESHOLDS,
  },
  bargauge: {
    options: {
      reduceOptions: REDUCE,
      orientation: 'auto',
      displayMode: 'gradient',
      valueMode: 'color',
      namePlacement: 'auto',
      showUnfilled: true,
      sizing: 'auto',
      minVizWidth: 8,
      minVizHeight: 16,
      maxVizHeight: 300,
    },
    custom: {},
    color: THRESHOLDS,
  },
  table: {
    options: {
      frameIndex: 0,
      showHeader: true,
      cellHeight: 'sm',
      footer: { show: false, reducer: [], countRows: false },
    },
    custom: { align: 'auto', cellOptions: { type: 'auto' }, inspect: false },
    color: THRESHOLDS,
  },
  barchart: {
    options: {
      orientation: 'auto',
      xTickLabelRotation: 0,
      showValue: 'auto',
      stacking: 'none',
      groupWidth: 0.7,
      barWidth: 0.97,
      legend: LEGEND,
    },
    custom: { ...AXES, lineWidth: 1, fillOpacity: 80, gradientMode: 'none' },
    color: PALETTE,
  },
  piechart: {
    options: { reduceOptions: REDUCE, pieType: 'pie', displayLabels: [], legend: LEGEND },
    custom: { hideFrom: AXES.hideFrom },
    color: PALETTE,
  },
  'state-timeline': {
    options: { mergeValues: true, showValue: 'auto', alignValue: 'left', rowHeight: 0.9, legend: LEGEND },
    custom: { ...AXES, lineWidth: 0, fillOpacity: 70 },
    color: { mode: FieldColorModeId.ContinuousGrYlRd },
  },
  'status-history': {
    options: { showValue: 'auto', rowHeight: 0.9, colWidth: 0.9, legend: LEGEND },
    custom: { ...AXES, lineWidth: 1, fillOpacity: 70 },
    color: THRESHOLDS,
  },
};

const NOTHING: Defaults = { options: {}, custom: {}, color: THRESHOLDS };

export function defaultsOf(type: string): Defaults {
  return BY_TYPE[type] ?? NOTHING;
}

export function defaultThresholds(): ThresholdsConfig {
  return {
    mode: ThresholdsMode.Absolute,
    steps: [
      { value: -Infinity, color: 'green' },
      { value: 80, color: 'red' },
    ],
  };
}
