/** A security key with its contact, which breathes while a touch is awaited. */
export function KeyPicture({ waiting }: { readonly waiting: boolean }) {
  return (
    <svg className="key-picture" viewBox="0 0 240 112" width="240" height="112" aria-hidden="true" focusable="false">
      <rect className="plug" x="8" y="38" width="56" height="36" rx="4" />
      <path className="pins" d="M20 46h26M20 54h32M20 62h26" />
      <rect className="body" x="60" y="20" width="172" height="72" rx="20" />
      <circle className="hole" cx="206" cy="56" r="9" />
      {waiting && <circle className="halo" cx="132" cy="56" r="26" />}
      <circle className="contact" cx="132" cy="56" r="20" />
      <path className="mark" d="M125 61a8 8 0 1 1 14 0M129 63v-7a3 3 0 0 1 6 0v9" />
    </svg>
  )
}
