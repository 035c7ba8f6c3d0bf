import { Version } from '@cyclonedx/cyclonedx-library/Spec'
import { JsonStrictValidator } from '@cyclonedx/cyclonedx-library/Validation'
import * as z from 'zod'
import { manifestOf, packagesIn } from './built.ts'

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
  /** The bundles, by their path below `out/`. */
  readonly shipped: readonly string[]
}

/** Each leaves a few helper functions in what it makes. */
const BUNDLERS = ['node_modules/esbuild', 'node_modules/rolldown', 'node_modules/vite']

/**
 * Holds the papers to the code: the packages in it and no others must stand in both, with their own versions and licences,
 * and the list be valid CycloneDX. Gives what is not so.
 */
export async function faultsOf({ name, sbomText, notices, shipped }: Papers): Promise<string[]> {
  const isValid = (await new JsonStrictValidator(Version.v1dot6).validate(sbomText)) === null
  const faults = isValid ? [] : ['not valid CycloneDX']
  const { metadata, components } = sbom.parse(JSON.parse(sbomText))
  const about = `${metadata.component.name} ${metadata.component.version}`
  if (about !== `${name} ${manifestOf('.').version}`) faults.push(`is about ${about}`)
  const listed = new Map(components.map((component) => [component['bom-ref'], component]))
  const present = new Set([...packagesIn(shipped), ...BUNDLERS])
  for (const folder of present) if (!listed.has(folder)) faults.push(`not listed: ${folder}`)
  for (const [folder, component] of listed) {
    if (component.type !== 'library') continue
    if (!present.has(folder)) faults.push(`not in the code: ${folder}`)
    const own = manifestOf(folder)
    const full = component.group === undefined ? component.name : `${component.group}/${component.name}`
    const licence = component.licenses[0]?.license.id ?? ''
    const said = `${full} ${component.version} (${licence})`
    // Where a package lets us choose, one of its own licences is named.
    const offered = own.license.replace(/[()]/g, '').split(' OR ')
    if (`${full} ${component.version}` !== `${own.name} ${own.version}` || !offered.includes(licence))
      faults.push(`${folder} is not ${said}`)
    if (component.purl !== `pkg:npm/${own.name.replace('@', '%40')}@${own.version}`) faults.push(component.purl)
    if (!notices.includes(`\n${said}\n`)) faults.push(`no notice of ${said}`)
  }
  return faults
}
