// Variables in titles, texts and names of series: `$agency`, `${agency:text}`, `${__field.labels.x}`.
import { getFieldDisplayName, type DataFrame, type Field, type InterpolateFunction } from '@grafana/data';

import type { Variable } from './picture';

const NAME = /\$(\w+)|\$\{([\w.]+)(?::(\w+))?\}|\[\[(\w+)\]\]/g;

interface Context {
  field?: Field;
  frame?: DataFrame;
  data?: DataFrame[];
}

export function interpolator(variables: Variable[]): InterpolateFunction {
  const byName = new Map(variables.map((one) => [one.name, one]));
  return (text, scoped) =>
    (text ?? '').replace(NAME, (match, plain?: string, braced?: string, format?: string, square?: string) => {
      const name = plain ?? braced ?? square ?? '';
      const builtIn = fromField(name, scoped?.['__dataContext']?.value as Context | undefined);
      if (builtIn !== undefined) {
        return builtIn;
      }
      const own = scoped?.[name];
      if (own !== undefined) {
        return String(format === 'text' ? own.text : own.value);
      }
      const variable = byName.get(name);
      return variable === undefined ? match : format === 'text' ? variable.text : variable.values.join(',');
    });
}

function fromField(name: string, context: Context | undefined): string | undefined {
  const { field, frame, data } = context ?? {};
  if (name.startsWith('__field.labels.')) {
    return field?.labels?.[name.slice('__field.labels.'.length)] ?? '';
  }
  switch (name) {
    case '__field.name':
      return field?.name ?? '';
    case '__field.displayName':
      return field ? getFieldDisplayName(field, frame, data) : '';
    case '__series.name':
      return frame?.name ?? '';
    default:
      return undefined;
  }
}
