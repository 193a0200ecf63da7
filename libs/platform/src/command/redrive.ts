import { redriveCommand } from '@fanin/bus';
import { createSystemClock, FaninError, noMetrics, silentLogger } from '@fanin/kernel';
import type { FaninConfig } from '../config/fanin-config.js';
import { createBus } from '../service/create-bus.js';
import type { Parsed } from './arguments.js';

/** Options of `redrive` that a command line may hold beside its own. */
export const REDRIVE_OPTIONS = ['topic=', 'code=', 'reason=', 'group=', 'limit=', 'dry-run'] as const;

export const REDRIVE_HELP = `  redrive --topic TOPIC [--code CODE] [--reason TEXT] [--group GROUP] [--limit N] [--dry-run]
                          puts dead letters of TOPIC back on it, each once`;

/** Puts dead letters back. Throws CONFIG when the options are wrong or a letter could not be put back; what was put back stays so. */
export async function runRedrive(
  { values }: Parsed,
  config: FaninConfig,
  print: (line: string) => void,
): Promise<void> {
  const argv = REDRIVE_OPTIONS.flatMap((option) => {
    const name = option.replace('=', '');
    const value = values[name];
    if (value === undefined || value === false) return [];
    return value === true ? [`--${name}`] : [`--${name}`, value];
  });
  const bus = await createBus(config, 'redrive', {
    clock: createSystemClock(),
    logger: silentLogger,
    metrics: noMetrics,
  });
  try {
    if ((await redriveCommand(bus, argv, print)) !== 0)
      throw new FaninError('CONFIG', 'Not everything was put back; see above.');
  } finally {
    await bus.close();
  }
}
