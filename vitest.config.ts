import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** As they come: what takes long first, and what is short last, so that all workers end together. */
const ORDER = ['apps', 'node', 'dom']

/** Files of one project in a row: a worker is handed on to the next file only if that may share its modules. */
class InARow extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const place = ({ project }: TestSpecification) => ORDER.indexOf(project.name)
    return (await super.sort(files)).toSorted((a, b) => place(a) - place(b))
  }
}

/** How long a test, and what it waits for, may take: a busy machine is slow, and what never comes fails all the same. */
const PATIENCE = { testTimeout: 60_000, hookTimeout: 60_000, expect: { poll: { timeout: 30_000 } } }

/** Stories of whole apps that are short and leave nothing behind: to load the apps takes as long as to tell one. */
const SHORT_STORIES = [
  'auditor',
  'bad-input',
  'carrier',
  'codes',
  'display',
  'handing-out',
  'joining',
  'locked',
  'mailbox',
  'meanwhile',
  'mixed-paths',
  'opening',
  'plans',
  'pruning',
  'quitting',
  'reading',
  'set-up-check',
  'unread',
].map((name) => `e2e/in-process/${name}.test.ts`)
/** What stories are told with, by itself. */
const PROPS = ['aws-setup', 'bench', 'fuzz', 'keys', 'sandbox-aws', 'screens'].map((name) => `e2e/${name}/**/*.test.ts`)

export default defineConfig({
  test: {
    sequence: { sequencer: InARow },
    // One more than there are cores: many tests wait for disks, clocks and other processes, a fifth of the time in all.
    maxWorkers: availableParallelism() + 1,
    projects: [
      {
        // One module or a few, or a short story: files share a worker and the modules that it has loaded, which take longer to
        // load than to test.
        test: {
          name: 'node',
          isolate: false,
          ...PATIENCE,
          environment: 'node',
          include: ['shared/**/*.test.ts', 'main/**/*.test.ts', 'build/**/*.test.ts', ...PROPS, ...SHORT_STORIES],
        },
      },
      {
        // Whole apps in one process, each file in a process of its own: nothing that one left behind goes on in the next.
        test: {
          name: 'apps',
          ...PATIENCE,
          environment: 'node',
          include: ['e2e/**/*.test.ts'],
          exclude: [
            'e2e/windows/**',
            'e2e/package/**',
            'e2e/network/**',
            'node_modules/**',
            ...PROPS,
            ...SHORT_STORIES,
          ],
        },
      },
      {
        // Apps on hosts of their own: network namespaces, which the tests make and remove.
        test: {
          name: 'network',
          ...PATIENCE,
          environment: 'node',
          include: ['e2e/network/**/*.test.ts'],
        },
      },
      {
        test: {
          name: 'dom',
          isolate: false,
          ...PATIENCE,
          environment: 'happy-dom',
          include: ['renderer/**/*.test.{ts,tsx}'],
        },
      },
      {
        // What `npm run package` makes; it is made first, so this is a stage of its own.
        test: {
          name: 'package',
          ...PATIENCE,
          environment: 'node',
          include: ['e2e/package/**/*.test.ts'],
          globalSetup: 'e2e/package/built.ts',
        },
      },
    ],
  },
})
