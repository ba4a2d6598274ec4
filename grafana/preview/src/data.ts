// From query results to the frames that panels draw: transformations, then field configuration.
import {
  FieldType,
  applyFieldOverrides,
  standardTransformersRegistry,
  toDataFrame,
  transformDataFrame,
  type DataFrame,
  type Field,
  type FieldConfigSource,
  type GrafanaTheme2,
  type InterpolateFunction,
  type ThresholdsConfig,
} from '@grafana/data';
import { merge } from 'lodash';
import { lastValueFrom } from 'rxjs';

import { defaultThresholds, defaultsOf } from './defaults';
import type { Column, PanelModel, Result } from './picture';
import { fieldConfigRegistry } from './registries';

/** The field configuration with what the panel's plugin adds, infinite first thresholds restored. */
export function completeFieldConfig(panel: PanelModel): FieldConfigSource {
  const plugin = defaultsOf(panel.type);
  const defaults = panel.fieldConfig?.defaults ?? {};
  const overrides = panel.fieldConfig?.overrides ?? [];
  return {
    defaults: {
      ...defaults,
      color: defaults.color ?? plugin.color,
      thresholds: withInfinity(defaults.thresholds ?? defaultThresholds()),
      mappings: defaults.mappings ?? [],
      custom: merge({}, plugin.custom, defaults.custom),
    },
    overrides: overrides.map((rule) => ({
      ...rule,
      properties: rule.properties.map((one) =>
        one.id === 'thresholds' ? { ...one, value: withInfinity(one.value as ThresholdsConfig) } : one
      ),
    })),
  };
}

/** JSON has no -Infinity: the first step of thresholds is saved as null. */
function withInfinity(thresholds: ThresholdsConfig): ThresholdsConfig {
  return {
    ...thresholds,
    steps: thresholds.steps.map((step) => ({ ...step, value: step.value ?? -Infinity })),
  };
}

/** Rejects with the name of a transformation that is not in @grafana/data. */
export async function panelFrames(
  panel: PanelModel,
  results: Result[],
  fieldConfig: FieldConfigSource,
  theme: GrafanaTheme2,
  timeZone: string,
  replaceVariables: InterpolateFunction
): Promise<DataFrame[]> {
  const transformations = (panel.transformations ?? []).filter((one) => !one.disabled);
  for (const { id } of transformations) {
    if (!standardTransformersRegistry.getIfExists(id)) {
      throw new Error(`transformation ${id}: not in @grafana/data, so not drawn here`);
    }
  }
  const frames = results.flatMap((result) => result.frames.map((one) => frame(result.ref_id, one)));
  const data = await lastValueFrom(transformDataFrame(transformations, frames, { interpolate: replaceVariables }));
  return applyFieldOverrides({
    data,
    fieldConfig,
    fieldConfigRegistry: fieldConfigRegistry(fieldConfig),
    replaceVariables,
    theme,
    timeZone,
  });
}

function frame(refId: string, one: Result['frames'][number]): DataFrame {
  return toDataFrame({ refId, name: one.name ?? undefined, fields: one.columns.map(field) });
}

function field(column: Column): Field {
  const numeric = column.type === 'number' || column.type === 'time';
  return {
    name: column.name,
    type: FieldType[column.type],
    // NaN and infinities travel as words
    values: numeric ? column.values.map((cell) => (typeof cell === 'string' ? Number(cell) : cell)) : column.values,
    labels: column.labels ?? undefined,
    config: {
      ...(column.display_name === null ? {} : { displayNameFromDS: column.display_name }),
      ...(column.interval === null ? {} : { interval: column.interval }),
    },
  };
}
