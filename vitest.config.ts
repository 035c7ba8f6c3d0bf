import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    testTimeout: 60_000,
    projects: [
      {
        test: {
          name: 'node',
          environment: 'node',
          include: ['shared/**/*.test.ts', 'main/**/*.test.ts', 'e2e/**/*.test.ts', 'build/**/*.test.ts'],
          exclude: ['e2e/windows/**', 'node_modules/**'],
        },
      },
      { test: { name: 'dom', environment: 'happy-dom', include: ['renderer/**/*.test.{ts,tsx}'] } },
    ],
  },
})
