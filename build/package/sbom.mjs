// The list of what is shipped, as a CycloneDX document: the same bytes for the same commit.
import { ComponentType, HashAlgorithm } from '@cyclonedx/cyclonedx-library/Enums'
import { Bom, Component, HashDictionary, LicenseRepository, SpdxLicense } from '@cyclonedx/cyclonedx-library/Models'
import { JSON as Json, JsonSerializer } from '@cyclonedx/cyclonedx-library/Serialize'
import { Spec1dot6 } from '@cyclonedx/cyclonedx-library/Spec'

/**
 * Writes the document.
 *
 * @param {object} of
 * @param {string} of.name - of the package that people install.
 * @param {string} of.version
 * @param {number} of.seconds - Unix time of the commit.
 * @param {readonly import('./third-party.mjs').ThirdParty[]} of.packages
 * @param {string} [of.electron] - the version of Electron, where it is shipped too.
 * @returns JSON, version 1.6 of CycloneDX.
 */
export function sbomText({ name, version, seconds, packages, electron }) {
  const app = new Component(ComponentType.Application, name, {
    version,
    bomRef: `${name}@${version}`,
    licenses: new LicenseRepository([new SpdxLicense('Apache-2.0')]),
  })
  const bom = new Bom()
  bom.metadata.component = app
  bom.metadata.timestamp = new Date(seconds * 1000)
  const components = new Map(packages.map((one) => [one.folder, componentOf(one)]))
  for (const { folder, needs } of packages) {
    const component = components.get(folder)
    if (component === undefined) continue
    bom.components.add(component)
    app.dependencies.add(component.bomRef)
    for (const need of needs) {
      const needed = components.get(need)
      if (needed !== undefined) component.dependencies.add(needed.bomRef)
    }
  }
  if (electron !== undefined) {
    const framework = electronOf(electron)
    bom.components.add(framework)
    app.dependencies.add(framework.bomRef)
  }
  const spec = new Json.Normalize.Factory(Spec1dot6)
  return `${new JsonSerializer(spec).serialize(bom, { sortLists: true, space: 2 })}\n`
}

/** @param {import('./third-party.mjs').ThirdParty} of */
function componentOf({ folder, name, version, licence, sha512 }) {
  const [group, own] = name.startsWith('@') ? name.split('/') : [undefined, name]
  return new Component(ComponentType.Library, own ?? name, {
    ...(group === undefined ? {} : { group }),
    version,
    // Two versions of a package, or one twice, differ by where they lie.
    bomRef: folder,
    purl: `pkg:npm/${name.replace('@', '%40')}@${version}`,
    licenses: new LicenseRepository([new SpdxLicense(licence)]),
    hashes: new HashDictionary(sha512 === null ? [] : [[HashAlgorithm['SHA-512'], sha512]]),
  })
}

/** @param {string} version */
function electronOf(version) {
  return new Component(ComponentType.Framework, 'electron', {
    version,
    bomRef: `electron@${version}`,
    purl: `pkg:github/electron/electron@v${version}`,
    // Chromium, Node and all within it: LICENSES.chromium.html lies beside the program.
    licenses: new LicenseRepository([new SpdxLicense('MIT')]),
  })
}
