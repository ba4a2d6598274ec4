// A pie drawn here: Grafana's lives in its core. Slices, names and colours are Grafana's.
import { FieldType, formattedValueToString, getDisplayProcessor } from '@grafana/data';

import { Message, type PanelProps } from '../panel';
import { WithLegend } from './legend';
import { displayValues } from './stat';

export function PieChartPanel(props: PanelProps) {
  const { options, width, height, theme, fieldConfig } = props;
  const slices = displayValues(props, false).filter((one) => one.view && !Number.isNaN(one.display.numeric));
  const total = slices.reduce((sum, one) => sum + one.display.numeric, 0);
  if (total === 0) {
    return <Message theme={theme} words={fieldConfig.defaults.noValue ?? 'No data'} />;
  }
  const percent = getDisplayProcessor({
    field: { type: FieldType.number, config: { unit: 'percentunit', decimals: options['legend'].decimals ?? 0 } },
    theme,
  });
  const wanted: string[] = options['legend'].values ?? [];
  const items = slices.map((one) => ({
    label: one.display.title ?? '',
    color: one.display.color ?? theme.colors.text.primary,
    values: () => [
      ...(wanted.includes('value') ? [{ ...one.display, title: 'Value' }] : []),
      ...(wanted.includes('percent') ? [{ ...percent(one.display.numeric / total), title: 'Percent' }] : []),
    ],
  }));
  const labels: string[] = options['displayLabels'];
  const words = (index: number) => {
    const one = slices[index]!;
    const parts = [
      labels.includes('name') ? one.display.title : undefined,
      labels.includes('value') ? formattedValueToString(one.display) : undefined,
      labels.includes('percent') ? formattedValueToString(percent(one.display.numeric / total)) : undefined,
    ];
    return parts.filter((part) => part !== undefined).join(' ');
  };
  return (
    <WithLegend legend={options['legend']} items={items} width={width} height={height}>
      {(innerWidth, innerHeight) => {
        const radius = Math.min(innerWidth, innerHeight) / 2 - 4;
        const hole = options['pieType'] === 'donut' ? radius * 0.6 : 0;
        let before = 0;
        return (
          <svg
            width={innerWidth}
            height={innerHeight}
            viewBox={`${-innerWidth / 2} ${-innerHeight / 2} ${innerWidth} ${innerHeight}`}
          >
            {slices.map((one, index) => {
              const share = one.display.numeric / total;
              const from = before;
              before += share;
              const middle = at((from + before) / 2, (radius + hole) / 2 + radius * 0.1);
              return (
                <g key={index}>
                  <path
                    d={slice(from, before, radius, hole)}
                    fill={items[index]!.color}
                    stroke={theme.colors.background.primary}
                  />
                  {share > 0.04 && (
                    <text
                      x={middle.x}
                      y={middle.y}
                      textAnchor="middle"
                      fontSize={12}
                      fill={theme.colors.getContrastText(items[index]!.color)}
                    >
                      {words(index)}
                    </text>
                  )}
                </g>
              );
            })}
          </svg>
        );
      }}
    </WithLegend>
  );
}

function at(share: number, radius: number) {
  const angle = share * 2 * Math.PI - Math.PI / 2;
  return { x: radius * Math.cos(angle), y: radius * Math.sin(angle) };
}

function slice(from: number, to: number, radius: number, hole: number): string {
  const end = Math.min(to, from + 0.9999);
  const large = end - from > 0.5 ? 1 : 0;
  const [a, b, c, d] = [at(from, radius), at(end, radius), at(end, hole), at(from, hole)];
  return `M ${a.x} ${a.y} A ${radius} ${radius} 0 ${large} 1 ${b.x} ${b.y} L ${c.x} ${c.y} A ${hole} ${hole} 0 ${large} 0 ${d.x} ${d.y} Z`;
}
