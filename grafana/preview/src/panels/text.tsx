// Markdown and HTML as Grafana's text panel renders and cleans them.
import { renderTextPanelMarkdown, textUtil } from '@grafana/data';

import type { PanelProps } from '../panel';

export function TextPanel({ options, replaceVariables, height }: PanelProps) {
  const words = replaceVariables(options['content'] ?? '');
  const html = options['mode'] === 'html' ? textUtil.sanitizeTextPanelContent(words) : renderTextPanelMarkdown(words);
  return (
    <div className="markdown-html" style={{ height, overflow: 'hidden' }} dangerouslySetInnerHTML={{ __html: html }} />
  );
}
