// One dashboard as a page: title, variables and time above, panels at their places below.
import '@fontsource/inter/400.css';
import '@fontsource/inter/500.css';

import { ThemeContext, createTheme, dateTimeFormat, setTimeZoneResolver, systemDateFormats } from '@grafana/data';
import { GlobalStyles, Icon } from '@grafana/ui';
import { createRoot } from 'react-dom/client';

import { interpolator } from './interpolate';
import { GridPanel } from './panel';
import type { Picture } from './picture';
import { registerTransformers } from './registries';

const WIDTH = 1600;
const BAR = 112; // sizes.py gives it as much
const PADDING = 16;

const theme = createTheme({ colors: { mode: 'light' } });

function report(failure: string): void {
  void fetch('/failed', { method: 'POST', body: failure });
}

window.addEventListener('error', (event) => report(event.message));
window.addEventListener('unhandledrejection', (event) => report(String(event.reason)));

function Chip({ label, value }: { label: string; value: string }) {
  const { colors, shape } = theme;
  const box = { padding: '0 8px', lineHeight: '30px', border: `1px solid ${colors.border.medium}` };
  return (
    <div style={{ display: 'flex', whiteSpace: 'nowrap' }}>
      <div style={{ ...box, fontWeight: 500, background: colors.background.primary, borderRight: 'none' }}>{label}</div>
      <div style={{ ...box, background: colors.background.primary, borderRadius: shape.radius.default }}>{value}</div>
    </div>
  );
}

function Bar({ picture }: { picture: Picture }) {
  const { dashboard, range, zone } = picture;
  const format = (at: number) => dateTimeFormat(at, { timeZone: zone, format: 'DD/MM/YYYY HH:mm' });
  const replace = interpolator(picture.variables);
  return (
    <div style={{ height: BAR - PADDING, padding: `12px ${PADDING}px 0`, overflow: 'hidden' }}>
      <div style={{ display: 'flex', alignItems: 'center', height: 36, gap: 12 }}>
        <Icon name="apps" />
        <span style={{ fontSize: 18, fontWeight: 500 }}>{replace(dashboard.title)}</span>
        <span style={{ flex: 1 }} />
        {(dashboard.links ?? []).map((link) => (
          <span key={link.title} style={{ color: theme.colors.text.link }}>
            <Icon name="external-link-alt" size="sm" /> {link.title}
          </span>
        ))}
      </div>
      <div style={{ display: 'flex', alignItems: 'center', height: 40, gap: 8 }}>
        {picture.variables
          .filter((one) => !one.hidden && !one.name.startsWith('__'))
          .map((one) => (
            <Chip key={one.name} label={one.label} value={one.text} />
          ))}
        <span style={{ flex: 1 }} />
        <Icon name="clock-nine" />
        <span>
          {format(range.from)} – {format(range.to)} ({zone})
        </span>
      </div>
    </div>
  );
}

function Page({ picture }: { picture: Picture }) {
  return (
    <ThemeContext.Provider value={theme}>
      <GlobalStyles />
      <div style={{ width: WIDTH, minHeight: '100vh', background: theme.colors.background.canvas }}>
        <Bar picture={picture} />
        <div style={{ position: 'relative', margin: `${PADDING}px ${PADDING}px 0` }}>
          {picture.dashboard.panels.map((panel) => (
            <GridPanel key={panel.id} panel={panel} picture={picture} theme={theme} width={WIDTH - 2 * PADDING} />
          ))}
        </div>
      </div>
    </ThemeContext.Provider>
  );
}

/** Panels measure themselves and draw again; the picture is taken when nothing has changed for long. */
function tellWhenSettled(): void {
  let timer = 0;
  const again = () => {
    window.clearTimeout(timer);
    timer = window.setTimeout(() => {
      if (document.querySelector('[data-pending]') !== null) {
        return again();
      }
      observer.disconnect();
      void fetch('/settled', { method: 'POST' });
    }, 1500);
  };
  const observer = new MutationObserver(again);
  observer.observe(document.body, { subtree: true, childList: true, attributes: true, characterData: true });
  again();
}

async function show(): Promise<void> {
  const picture = (await (await fetch('/picture.json')).json()) as Picture;
  // texts are measured before they are drawn, so fonts come first
  await Promise.all(['400', '500'].map((weight) => document.fonts.load(`${weight} 14px Inter`, 'Cơ quan ký số đạt ệ')));
  setTimeZoneResolver(() => picture.zone);
  // [date_formats] of docs/grafana.md
  systemDateFormats.update({
    fullDate: 'DD/MM/YYYY HH:mm:ss',
    interval: { ...systemDateFormats.interval, hour: 'DD/MM HH:mm', day: 'DD/MM', month: 'MM/YYYY' },
    useBrowserLocale: false,
  });
  registerTransformers();
  createRoot(document.getElementById('root')!).render(<Page picture={picture} />);
  tellWhenSettled();
}

show().catch((failure: unknown) => report(String(failure)));
