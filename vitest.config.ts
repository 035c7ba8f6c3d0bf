import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    // One more than there are cores: many tests wait for disks, clocks and other processes, a fifth of the time in all.
    maxWorkers: availableParallelism() + 1,
    projects: [
      {
        test: {
          name: 'node',
          testTimeout: 60_000,
          hookTimeout: 60_000,
          environment: 'node',
          include: ['shared/**/*.test.ts', 'main/**/*.test.ts', 'e2e/**/*.test.ts', 'build/**/*.test.ts'],
          exclude: ['e2e/windows/**', 'e2e/package/**', 'e2e/network/**', 'node_modules/**'],
        },
      },
      {
        // Apps on hosts of their own: network namespaces, which the tests make and remove.
        test: {
          name: 'network',
          testTimeout: 60_000,
          hookTimeout: 60_000,
          environment: 'node',
          include: ['e2e/network/**/*.test.ts'],
        },
      },
      {
        test: {
          name: 'dom',
          testTimeout: 60_000,
          hookTimeout: 60_000,
          environment: 'happy-dom',
          include: ['renderer/**/*.test.{ts,tsx}'],
        },
      },
      {
        // What `npm run package` makes; it is made first, so this is a stage of its own.
        test: {
          name: 'package',
          testTimeout: 60_000,
          hookTimeout: 60_000,
          environment: 'node',
          include: ['e2e/package/**/*.test.ts'],
          globalSetup: 'e2e/package/built.ts',
        },
      },
    ],
  },
})
