import { defineConfig } from 'vitest/config'

/** Against a real Apache Kafka: `npm run test:kafka`. Brokers take much memory: one file at a time. */
export default defineConfig({
  test: {
    include: ['test/kafka/**/*.test.ts'],
    fileParallelism: false,
    testTimeout: 180_000,
    hookTimeout: 180_000,
  },
})
