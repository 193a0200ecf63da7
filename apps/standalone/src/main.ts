import { channels } from '@fanin/channel-list';
import { FaninError, messageOf } from '@fanin/kernel';
import { leaveWith, thisProcess, untilStopped, type ProcessPort } from '@fanin/platform';
import { announcement } from './announce.js';
import { runCommand } from './commands.js';
import { HELP, readOptions, type StandaloneOptions } from './options.js';
import { startStandalone, type RunningStandalone } from './standalone.js';

async function serve(options: StandaloneOptions, port: ProcessPort): Promise<number> {
  let running: RunningStandalone | undefined;
  return untilStopped(port, {
    start: async () => {
      running = await startStandalone(options, { channels, env: port.env, progress: port.print });
      for (const line of announcement(running)) port.print(line);
      void running.play(port.print);
      return running;
    },
    stop: async () => running?.stop(),
  });
}

async function main(port: ProcessPort): Promise<number> {
  try {
    const options = readOptions(port.argv, port.env);
    if (options.help) {
      port.print(HELP);
      return 0;
    }
    if (options.parsed.words.length === 0) return await serve(options, port);
    await runCommand(options, port, channels);
    return 0;
  } catch (error) {
    port.complain(error instanceof FaninError ? error.message : `Fanin did not start: ${messageOf(error)}`);
    if (!(error instanceof FaninError) && error instanceof Error) port.complain(error.stack ?? '');
    return 1;
  }
}

leaveWith(await main(thisProcess()));
