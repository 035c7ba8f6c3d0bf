import { Version } from '@cyclonedx/cyclonedx-library/Spec'
import { JsonStrictValidator } from '@cyclonedx/cyclonedx-library/Validation'
import * as z from 'zod'
import { manifestOf, packagesNamedIn } from './built.ts'

const sbom = z.object({
  specVersion: z.literal('1.6'),
  metadata: z.object({ timestamp: z.string(), component: z.object({ name: z.string(), version: z.string() }) }),
  components: z.array(
    z.object({
      type: z.string(),
      group: z.string().optional(),
      name: z.string(),
      version: z.string(),
      'bom-ref': z.string(),
      purl: z.string(),
      licenses: z.array(z.object({ license: z.object({ id: z.string() }) })).length(1),
    }),
  ),
})

/** What goes with shipped code, and the code. */
export interface Papers {
  /** Of the package that people install. */
  readonly name: string
  readonly sbomText: string
  readonly notices: string
  readonly programs: readonly string[]
}

/** The window's code is too small to tell whose it is, so these stand for it. */
const IN_WINDOW = ['node_modules/react', 'node_modules/react-dom', 'node_modules/dexie']

/**
 * Holds the papers to the code: every package that a program names must stand in both, with its own version and licence,
 * and the list be valid CycloneDX. Gives what is not so.
 */
export async function faultsOf({ name, sbomText, notices, programs }: Papers): Promise<string[]> {
  const isValid = (await new JsonStrictValidator(Version.v1dot6).validate(sbomText)) === null
  const faults = isValid ? [] : ['not valid CycloneDX']
  const { metadata, components } = sbom.parse(JSON.parse(sbomText))
  const about = `${metadata.component.name} ${metadata.component.version}`
  if (about !== `${name} ${manifestOf('.').version}`) faults.push(`is about ${about}`)
  const listed = new Map(components.map((component) => [component['bom-ref'], component]))
  for (const folder of [...packagesNamedIn(programs), ...IN_WINDOW]) {
    if (!listed.has(folder)) faults.push(`not listed: ${folder}`)
  }
  for (const [folder, component] of listed) {
    if (component.type !== 'library') continue
    const own = manifestOf(folder)
    const full = component.group === undefined ? component.name : `${component.group}/${component.name}`
    const said = `${full} ${component.version} (${component.licenses[0]?.license.id})`
    if (said !== `${own.name} ${own.version} (${own.license})`) faults.push(`${folder} is not ${said}`)
    if (component.purl !== `pkg:npm/${own.name.replace('@', '%40')}@${own.version}`) faults.push(component.purl)
    if (!notices.includes(`\n${said}\n`)) faults.push(`no notice of ${said}`)
  }
  return faults
}
