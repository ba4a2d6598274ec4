// One panel: Grafana's own frame around whatever its type draws, or why there is nothing to draw.
import {
  dateTime,
  type DataFrame,
  type FieldConfigSource,
  type GrafanaTheme2,
  type InterpolateFunction,
  type TimeRange,
} from '@grafana/data';
import { ErrorBoundary, Icon, PanelChrome } from '@grafana/ui';
import { merge } from 'lodash';
import { useEffect, useMemo, useState, type ComponentType, type ReactNode } from 'react';

import { completeFieldConfig, panelFrames } from './data';
import { defaultsOf } from './defaults';
import { interpolator } from './interpolate';
import { BarChartPanel } from './panels/barchart';
import { BarGaugePanel } from './panels/bargauge';
import { GaugePanel } from './panels/gauge';
import { PieChartPanel } from './panels/piechart';
import { StatPanel } from './panels/stat';
import { StatesPanel } from './panels/states';
import { TablePanel } from './panels/table';
import { TextPanel } from './panels/text';
import { TimeSeriesPanel } from './panels/timeseries';
import type { PanelModel, Picture } from './picture';

export interface PanelProps {
  panel: PanelModel;
  frames: DataFrame[];
  fieldConfig: FieldConfigSource;
  /** With the defaults of the panel's type. */
  options: Record<string, any>;
  width: number;
  height: number;
  theme: GrafanaTheme2;
  timeRange: TimeRange;
  timeZone: string;
  replaceVariables: InterpolateFunction;
}

const BY_TYPE: Record<string, ComponentType<PanelProps>> = {
  timeseries: TimeSeriesPanel,
  stat: StatPanel,
  gauge: GaugePanel,
  bargauge: BarGaugePanel,
  barchart: BarChartPanel,
  table: TablePanel,
  'state-timeline': StatesPanel,
  'status-history': StatesPanel,
  piechart: PieChartPanel,
  text: TextPanel,
};

// These say themselves that they have no data.
const SPEAKS_FOR_ITSELF = new Set(['stat', 'gauge', 'bargauge', 'text']);

interface GridProps {
  panel: PanelModel;
  picture: Picture;
  theme: GrafanaTheme2;
  width: number;
}

export function GridPanel({ panel, picture, theme, width: gridWidth }: GridProps) {
  const column = (gridWidth + 8) / 24;
  const { x, y, w, h } = panel.gridPos;
  const width = Math.floor(w * column - 8);
  const height = h * 38 - 8;
  const place = { position: 'absolute' as const, left: x * column, top: y * 38, width, height };
  if (panel.type === 'row') {
    return (
      <div style={{ ...place, display: 'flex', alignItems: 'center', gap: 8, fontSize: 16, fontWeight: 500 }}>
        <Icon name={panel.collapsed ? 'angle-right' : 'angle-down'} />
        {interpolator(picture.variables)(panel.title ?? '')}
      </div>
    );
  }
  return (
    <div style={place}>
      <FramedPanel panel={panel} picture={picture} theme={theme} width={width} height={height} />
    </div>
  );
}

interface FramedProps extends Omit<GridProps, 'width'> {
  width: number;
  height: number;
}

function FramedPanel({ panel, picture, theme, width, height }: FramedProps) {
  const replaceVariables = useMemo(() => interpolator(picture.variables), [picture]);
  const fieldConfig = useMemo(() => completeFieldConfig(panel), [panel]);
  const results = useMemo(() => picture.results[panel.id] ?? [], [picture, panel]);
  const [frames, setFrames] = useState<DataFrame[]>();
  const [failure, setFailure] = useState(results.find((one) => one.error !== null)?.error ?? undefined);
  useEffect(() => {
    panelFrames(panel, results, fieldConfig, theme, picture.zone, replaceVariables)
      .then(setFrames)
      .catch((error: unknown) => setFailure(String(error)));
  }, [panel, results, fieldConfig, theme, picture, replaceVariables]);

  const from = dateTime(picture.range.from);
  const to = dateTime(picture.range.to);
  const timeRange = { from, to, raw: { from, to } };
  const links = (panel.links ?? []).length > 0 && (
    <div style={{ alignSelf: 'center', padding: '0 6px', color: theme.colors.text.secondary }}>
      <Icon name="external-link-alt" size="md" />
    </div>
  );
  const title = replaceVariables(panel.title ?? '');
  const body = (innerWidth: number, innerHeight: number): ReactNode => {
    if (failure !== undefined) {
      return <Message theme={theme} words={failure} colour={theme.colors.error.text} />;
    }
    if (frames === undefined) {
      return <div data-pending />; // main.tsx waits for it
    }
    const Drawn = BY_TYPE[panel.type];
    if (Drawn === undefined) {
      return <Message theme={theme} words={`${panel.type}: this tool does not draw it`} />;
    }
    const empty = frames.every((one) => one.length === 0 || one.fields.length === 0);
    if (empty && !SPEAKS_FOR_ITSELF.has(panel.type)) {
      return <Message theme={theme} words={fieldConfig.defaults.noValue ?? 'No data'} />;
    }
    const options = merge({}, defaultsOf(panel.type).options, panel.options);
    const props = { panel, frames, fieldConfig, options, theme, timeRange, timeZone: picture.zone, replaceVariables };
    return (
      <ErrorBoundary onError={(error) => setFailure(String(error))}>
        {({ error }) =>
          error ? (
            <Message theme={theme} words={error.message} colour={theme.colors.error.text} />
          ) : (
            <Drawn {...props} width={innerWidth} height={innerHeight} />
          )
        }
      </ErrorBoundary>
    );
  };
  return (
    <PanelChrome
      width={width}
      height={height}
      title={title}
      description={panel.description === undefined ? undefined : replaceVariables(panel.description)}
      displayMode={panel.transparent ? 'transparent' : 'default'}
      hoverHeader={title === ''}
      titleItems={links}
      statusMessage={failure}
      padding={panel.type === 'text' ? 'md' : panel.type === 'table' ? 'none' : 'md'}
    >
      {body}
    </PanelChrome>
  );
}

export function Message({ theme, words, colour }: { theme: GrafanaTheme2; words: string; colour?: string }) {
  return (
    <div
      style={{
        height: '100%',
        display: 'flex',
        alignItems: 'center',
        justifyContent: 'center',
        textAlign: 'center',
        overflow: 'hidden',
        fontSize: theme.typography.h4.fontSize,
        color: colour ?? theme.colors.text.secondary,
      }}
    >
      {words}
    </div>
  );
}
