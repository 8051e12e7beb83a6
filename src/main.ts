#!/usr/bin/env node
/**
 * Process entry: says how many threads wait for system calls, before any is used, and loads the program. It is the
 * only file in CommonJS once built: Node.js 20 uses such threads to load a module.
 */
import { reserveThreads } from './package/threads.ts'

reserveThreads(process)
const program = './main.mjs'
void import(program)
