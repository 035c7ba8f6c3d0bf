import { Dialog as Primitive } from 'radix-ui'
import { type ReactNode, useRef } from 'react'

/** What had the focus before the first of several dialogs in a row; it gets the focus back after the last. */
let outside: HTMLElement | null = null

function leaveScreen(): void {
  const active = document.activeElement
  if (active instanceof HTMLElement && active !== document.body && active.closest('[role=dialog]') === null)
    outside = active
}

function backToScreen(): void {
  const place = outside?.isConnected ? outside : document.querySelector<HTMLElement>('main h1')
  place?.focus({ preventScroll: true })
}

interface DialogProps {
  readonly title: string
  /** Null where nothing but the buttons may close it. */
  readonly onClose: (() => void) | null
  /** For a long text. */
  readonly wide?: boolean
  readonly actions: ReactNode
  readonly children: ReactNode
}

/**
 * A dialog, for decisions alone. Radix gives focus, escape and the hiding of the rest; its own overlay is left out,
 * because it writes a style element, which the Content-Security-Policy refuses.
 */
export function Dialog({ title, onClose, wide = false, actions, children }: DialogProps) {
  const heading = useRef<HTMLHeadingElement>(null)
  return (
    <Primitive.Root open onOpenChange={(open) => !open && onClose?.()}>
      <Primitive.Portal>
        <div className="backdrop" aria-hidden="true" />
        <Primitive.Content
          className={wide ? 'dialog wide' : 'dialog'}
          aria-describedby={undefined}
          // On the title, not on a button: many keys, touched a second too early, type a text and Enter.
          onOpenAutoFocus={(event) => {
            event.preventDefault()
            leaveScreen()
            heading.current?.focus({ preventScroll: true })
          }}
          onCloseAutoFocus={(event) => {
            event.preventDefault()
            backToScreen()
          }}
          // From the last control round to the first, Radix moves the focus without scrolling to it.
          onFocus={(event) => {
            if (event.target !== heading.current) event.target.scrollIntoView({ block: 'nearest', behavior: 'instant' })
          }}
          onInteractOutside={(event) => event.preventDefault()}
          onEscapeKeyDown={(event) => onClose === null && event.preventDefault()}
        >
          <Primitive.Title asChild>
            <h1 className="dialog-title" ref={heading} tabIndex={-1}>
              {title}
            </h1>
          </Primitive.Title>
          {children}
          <div className="actions">{actions}</div>
        </Primitive.Content>
      </Primitive.Portal>
    </Primitive.Root>
  )
}
