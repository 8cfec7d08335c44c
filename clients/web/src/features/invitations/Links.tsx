/** The open links of an organisation: how often each was used, until when it opens, and passing it on. */

import { dayAndClock } from "../../i18n";
import { toast } from "../../ui/announcer";
import { FurtherIcon } from "../../ui/FurtherIcon";
import { Icon } from "../../ui/Icon";
import { explain } from "../../ui/problem";
import type { InvitationView } from "../../wire/types";
import { revoke } from "./state";
import { invitationWords } from "./words";

export async function copyLink(url: string): Promise<void> {
  const w = invitationWords.peek().link;
  try {
    await navigator.clipboard.writeText(url);
    toast(w.copied);
  } catch {
    toast(w.notCopied);
  }
}

export function Links({ links, onNew }: { links: readonly InvitationView[]; onNew?: () => void }) {
  const w = invitationWords.value.link;
  return (
    <section class="card tm-blk" aria-label={w.title}>
      <h2>
        {w.title}
        {links.length > 0 && (
          <span class="tag done">
            <Icon name="check" size="xs" />
            {w.open}
          </span>
        )}
      </h2>
      <div class="tm-in stack gap-l">
        {links.length === 0 && <p class="hint">{w.none}</p>}
        {links.map(link => (
          <Link key={link.id} link={link} />
        ))}
        {onNew && (
          <button type="button" class="btn line wide" onClick={onNew}>
            <Icon name="plus" size="s" />
            {w.fresh}
          </button>
        )}
      </div>
    </section>
  );
}

function Link({ link }: { link: InvitationView }) {
  const w = invitationWords.value.link;
  const { url } = link;
  const end = async () => {
    const outcome = await revoke(link.id);
    toast(outcome.ok ? invitationWords.value.revoked : explain(outcome.problem));
  };
  return (
    <div class="stack iv-link">
      {url && (
        <div class="iv-url">
          <bdi class="grow">{url.replace(/^https?:\/\//, "")}</bdi>
          <button type="button" class="icon-btn line" aria-label={w.copy} onClick={() => void copyLink(url)}>
            <FurtherIcon name="copy" size="s" />
          </button>
          {typeof navigator.share === "function" && (
            <button
              type="button"
              class="icon-btn line"
              aria-label={w.share}
              // Closing the sheet of the phone without a choice is no failure.
              onClick={() => void navigator.share({ url }).catch(() => undefined)}
            >
              <Icon name="send" size="s" />
            </button>
          )}
        </div>
      )}
      <dl class="kv">
        <dt>{w.used}</dt>
        <dd>{w.times(link.used, link.uses)}</dd>
        <dt>{w.expires}</dt>
        <dd>{dayAndClock(link.expires_at)}</dd>
        <dt>{w.by}</dt>
        <dd>{link.invited_by_name}</dd>
      </dl>
      <progress class="iv-used" max={link.uses} value={link.used} aria-hidden="true" />
      {link.confirmed_each && <p class="hint">{w.confirmed}</p>}
      <button type="button" class="btn risk-line wide" onClick={() => void end()}>
        {invitationWords.value.revoke}
      </button>
    </div>
  );
}
