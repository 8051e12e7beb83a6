/** Threads of libuv, which wait for system calls. */

/** A folder that does not answer holds one of them. They cost little more than their number. */
const threads = 64

/** Says how many there are to be, which counts before the first is used. */
export function reserveThreads({ env, argv, platform }: NodeJS.Process): void {
  // On Windows only what the process was started with counts.
  if ((argv[2] === 'run' || argv[2] === 'check') && platform !== 'win32')
    env.UV_THREADPOOL_SIZE ??= `${threads}`
}
