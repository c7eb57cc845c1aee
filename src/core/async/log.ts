/** Where components say what they do. One line per call; the daemon writes them to its log file, tests collect them. */

export interface Logger {
  info(message: string): void;
  warn(message: string): void;
  error(message: string): void;
  /** A logger whose lines name a part: `log.part('scheduler')`. */
  part(name: string): Logger;
}

export const silentLog: Logger = { info() {}, warn() {}, error() {}, part: () => silentLog };

/** klog-like text: `I1125 10:00:00.123 scheduler] bound default/web-abcde to core-01`. */
export function textLog(write: (line: string) => void, now: () => number = Date.now, name = 'kubecfg'): Logger {
  const line = (level: string, message: string) => {
    const t = new Date(now()).toISOString();
    write(
      `${level}${t.slice(5, 7)}${t.slice(8, 10)} ${t.slice(11, 23)} ${name}] ${message.replaceAll('\n', '\n    ')}\n`,
    );
  };
  return {
    info: (m) => line('I', m),
    warn: (m) => line('W', m),
    error: (m) => line('E', m),
    part: (part) => textLog(write, now, part),
  };
}
