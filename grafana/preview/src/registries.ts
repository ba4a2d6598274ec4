// Grafana's core fills these registries; @grafana/data leaves them empty.
import {
  FieldConfigOptionsRegistry,
  displayNameOverrideProcessor,
  identityOverrideProcessor,
  numberOverrideProcessor,
  standardTransformers,
  standardTransformersRegistry,
  stringOverrideProcessor,
  type DataTransformerInfo,
  type FieldConfigPropertyItem,
  type FieldConfigSource,
} from '@grafana/data';

type Process = FieldConfigPropertyItem['process'];

const STANDARD: Record<string, Process> = {
  displayName: displayNameOverrideProcessor,
  unit: stringOverrideProcessor,
  min: numberOverrideProcessor,
  max: numberOverrideProcessor,
  decimals: numberOverrideProcessor,
  noValue: stringOverrideProcessor,
  color: identityOverrideProcessor,
  thresholds: identityOverrideProcessor,
  mappings: identityOverrideProcessor,
  links: identityOverrideProcessor,
  filterable: identityOverrideProcessor,
  fieldMinMax: identityOverrideProcessor,
};

function item(path: string, process: Process, isCustom: boolean): FieldConfigPropertyItem {
  const nothing = () => null;
  return {
    id: isCustom ? `custom.${path}` : path,
    path,
    isCustom,
    name: path,
    process,
    shouldApply: () => true,
    editor: nothing,
    override: nothing,
    settings: { expandTemplateVars: path === 'displayName' },
  };
}

/** The properties that a panel's configuration and its overrides may set. */
export function fieldConfigRegistry(config: FieldConfigSource): FieldConfigOptionsRegistry {
  const custom = new Set(Object.keys((config.defaults.custom as object | undefined) ?? {}));
  for (const rule of config.overrides) {
    for (const { id } of rule.properties) {
      if (id.startsWith('custom.')) {
        custom.add(id.slice('custom.'.length));
      }
    }
  }
  return new FieldConfigOptionsRegistry(() => [
    ...Object.entries(STANDARD).map(([path, process]) => item(path, process, false)),
    ...[...custom].map((path) => item(path, identityOverrideProcessor, true)),
  ]);
}

export function registerTransformers(): void {
  const infos = Object.values(standardTransformers) as DataTransformerInfo[];
  const distinct = new Map(infos.map((info) => [info.id, info]));
  standardTransformersRegistry.setInit(() =>
    [...distinct.values()].map((transformation) => ({
      id: transformation.id,
      name: transformation.name,
      transformation,
      editor: () => null,
    }))
  );
}
