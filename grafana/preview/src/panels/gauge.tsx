// A gauge of our own: Grafana's draws with a part of its core that no package has. Values, colours
// and names are Grafana's; the arc spans the field's min to max.
import { formattedValueToString, sortThresholds, type FieldDisplay, type GrafanaTheme2 } from '@grafana/data';
import { VizRepeater, type VizRepeaterRenderValueProps } from '@grafana/ui';

import type { PanelProps } from '../panel';
import { displayValues } from './stat';

const SPAN = 240; // degrees

function point(centre: number, radius: number, share: number): string {
  const angle = ((share * SPAN - SPAN / 2 - 90) * Math.PI) / 180;
  return `${centre + radius * Math.cos(angle)} ${centre + radius * Math.sin(angle)}`;
}

function arc(centre: number, radius: number, from: number, to: number): string {
  const large = (to - from) * SPAN > 180 ? 1 : 0;
  return `M ${point(centre, radius, from)} A ${radius} ${radius} 0 ${large} 1 ${point(centre, radius, to)}`;
}

function Dial({
  value,
  size,
  theme,
  markers,
}: {
  value: FieldDisplay;
  size: number;
  theme: GrafanaTheme2;
  markers: boolean;
}) {
  const { thresholds } = value.field;
  const min = value.field.min ?? 0;
  const max = value.field.max ?? 100;
  const share = (number: number) => Math.min(1, Math.max(0, (number - min) / (max - min || 1)));
  const centre = size / 2;
  const thick = size / 9;
  const radius = centre - thick;
  const steps = sortThresholds([...(thresholds?.steps ?? [])]);
  const words = formattedValueToString(value.display);
  return (
    <svg width={size} height={size * 0.82} viewBox={`0 0 ${size} ${size * 0.82}`} fill="none">
      <path d={arc(centre, radius, 0, 1)} stroke={theme.colors.background.secondary} strokeWidth={thick} />
      <path d={arc(centre, radius, 0, share(value.display.numeric))} stroke={value.display.color} strokeWidth={thick} />
      {markers &&
        steps.map((step, index) => {
          const next = steps[index + 1];
          const from = share(Math.max(step.value, min));
          const to = next === undefined ? 1 : share(next.value);
          const colour = theme.visualization.getColorByName(step.color);
          return (
            <path key={index} d={arc(centre, centre - thick / 4, from, to)} stroke={colour} strokeWidth={thick / 4} />
          );
        })}
      <text
        x={centre}
        y={centre + size / 20}
        textAnchor="middle"
        fontSize={Math.min(size / 5, (1.4 * size) / Math.max(words.length, 1))}
        fontWeight={500}
        fill={value.display.color}
      >
        {words}
      </text>
    </svg>
  );
}

export function GaugePanel(props: PanelProps) {
  const { options, frames, width, height, theme } = props;
  const draw = ({ value, width, height, count }: VizRepeaterRenderValueProps<FieldDisplay>) => (
    <div
      style={{
        width,
        height,
        display: 'flex',
        flexDirection: 'column',
        alignItems: 'center',
        justifyContent: 'center',
      }}
    >
      <Dial
        value={value}
        size={Math.min(width, (height - 24) / 0.82)}
        theme={theme}
        markers={options['showThresholdMarkers']}
      />
      {count > 1 && (
        <div style={{ height: 24, overflow: 'hidden', textOverflow: 'ellipsis' }}>{value.display.title}</div>
      )}
    </div>
  );
  return (
    <VizRepeater
      getValues={() => displayValues(props, false)}
      renderValue={draw}
      width={width}
      height={height}
      source={frames}
      renderCounter={0}
      autoGrid
      orientation={options['orientation']}
    />
  );
}
