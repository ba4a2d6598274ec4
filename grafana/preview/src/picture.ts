// The shape of /picture.json, written by grafana/preview/query.py, and of the dashboard in it.
import type { DataTransformerConfig, FieldConfigSource } from '@grafana/data';

export type Cell = string | number | boolean | null;

export interface Column {
  name: string;
  type: 'time' | 'number' | 'string' | 'boolean' | 'other';
  values: Cell[];
  labels: Record<string, string> | null;
  display_name: string | null;
  interval: number | null;
}

export interface Result {
  ref_id: string;
  frames: Array<{ name: string | null; columns: Column[] }>;
  error: string | null;
}

export interface Variable {
  name: string;
  label: string;
  text: string;
  hidden: boolean;
  values: string[];
}

export interface Link {
  title: string;
  url?: string;
}

export interface PanelModel {
  id: number;
  type: string;
  title?: string;
  description?: string;
  transparent?: boolean;
  gridPos: { x: number; y: number; w: number; h: number };
  options?: Record<string, unknown>;
  fieldConfig?: Partial<FieldConfigSource>;
  transformations?: DataTransformerConfig[];
  links?: Link[];
  collapsed?: boolean;
  targets?: Array<{ refId: string }>;
}

export interface Dashboard {
  title: string;
  tags?: string[];
  links?: Link[];
  panels: PanelModel[];
}

export interface Picture {
  dashboard: Dashboard;
  range: { from: number; to: number; words: [string, string] };
  zone: string;
  variables: Variable[];
  results: Record<string, Result[]>;
}
