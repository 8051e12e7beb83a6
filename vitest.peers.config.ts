import { defineConfig } from 'vitest/config'

/** The built program against real syslog servers and a real browser: `npm run test:peers`. */
export default defineConfig({
  test: {
    include: ['test/{peers,browser}/**/*.test.ts'],
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
})
