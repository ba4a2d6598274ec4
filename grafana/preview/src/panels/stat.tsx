// The layout of core's StatPanel around Grafana's own BigValue.
import { getDisplayValueAlignmentFactors, getFieldDisplayValues, type FieldDisplay } from '@grafana/data';
import { BigValue, BigValueTextMode, VizRepeater, type VizRepeaterRenderValueProps } from '@grafana/ui';

import type { PanelProps } from '../panel';

export function displayValues(
  { frames, fieldConfig, options, theme, timeZone, replaceVariables }: PanelProps,
  sparkline: boolean
) {
  return getFieldDisplayValues({
    fieldConfig,
    reduceOptions: options['reduceOptions'],
    replaceVariables,
    theme,
    data: frames,
    sparkline,
    percentChange: Boolean(options['showPercentChange']),
    timeZone,
  });
}

export function StatPanel(props: PanelProps) {
  const { options, panel, fieldConfig, frames, width, height, theme, timeRange } = props;
  const named = options['textMode'] === 'auto' && (fieldConfig.defaults.displayName || !panel.title);
  const draw = ({
    value,
    width,
    height,
    count,
    alignmentFactors,
  }: VizRepeaterRenderValueProps<FieldDisplay, ReturnType<typeof getDisplayValueAlignmentFactors>>) => (
    <BigValue
      value={value.display}
      count={count}
      sparkline={value.sparkline && { ...value.sparkline, timeRange }}
      colorMode={options['colorMode']}
      graphMode={options['graphMode']}
      justifyMode={options['justifyMode']}
      textMode={named ? BigValueTextMode.ValueAndName : options['textMode']}
      alignmentFactors={alignmentFactors}
      text={options['text']}
      width={width}
      height={height}
      theme={theme}
      disableWideLayout={!options['wideLayout']}
      percentChangeColorMode={options['percentChangeColorMode']}
    />
  );
  return (
    <VizRepeater
      getValues={() => displayValues(props, options['graphMode'] !== 'none')}
      getAlignmentFactors={getDisplayValueAlignmentFactors}
      renderValue={draw}
      width={width}
      height={height}
      source={frames}
      itemSpacing={3}
      renderCounter={0}
      autoGrid
      orientation={options['orientation']}
    />
  );
}
