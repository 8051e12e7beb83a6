#!/usr/bin/env node
/**
 * Process entry: says how many threads wait for system calls, before any is used, and loads the program. It is the
 * only file in CommonJS once built: Node.js 20 uses such threads to load a module.
 */

/** A folder that does not answer holds one of them. They cost little more than their number. */
const threads = 64

const { env, argv, platform } = process
// On Windows only what the process was started with counts.
if ((argv[2] === 'run' || argv[2] === 'check') && platform !== 'win32')
  env.UV_THREADPOOL_SIZE ??= `${threads}`

const program = './main.mjs'
void import(program)
