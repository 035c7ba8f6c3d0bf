import { X } from 'lucide-react'
import { useEffect } from 'react'
import { useStore } from 'zustand'
import { useApp } from '../store/app.ts'
import { dismissToast } from '../store/view-store.ts'

/** Says news to screen readers, and shows short confirmations. */
export function Live() {
  const { view } = useApp()
  const { announced, toasts } = useStore(view)
  return (
    <>
      <p className="hidden-label" role="status" aria-live="polite" aria-label="News">
        {/* The key makes the same sentence, said again, a new node and so news. */}
        <span key={announced.number}>{announced.text}</span>
      </p>
      <section className="toasts" aria-label="Confirmations">
        {toasts.map(({ id, text }) => (
          <Toast key={id} id={id} text={text} />
        ))}
      </section>
    </>
  )
}

const SHOWN_MS = 8000

function Toast({ id, text }: { readonly id: number; readonly text: string }) {
  const { view } = useApp()
  useEffect(() => {
    const timer = setTimeout(() => dismissToast(view, id), SHOWN_MS)
    return () => clearTimeout(timer)
  }, [view, id])
  return (
    <div className="toast">
      <span>{text}</span>
      <button
        type="button"
        className="toast-close"
        aria-label={`Dismiss: ${text}`}
        onClick={() => dismissToast(view, id)}
      >
        <X size={18} aria-hidden="true" />
      </button>
    </div>
  )
}
