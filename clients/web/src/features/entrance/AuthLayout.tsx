import "./entrance.css";
import type { ComponentChildren } from "preact";
import { chooseLanguage, language, words } from "../../i18n";
import { Icon, Logo } from "../../ui/Icon";
import { entranceWords } from "./words";

function Brand() {
  return (
    <div class="brand">
      <Logo />
      {words.value.name}
    </div>
  );
}

interface AuthLayoutProps {
  wider?: boolean;
  /** Where one is on a way of several steps, which then stands in the panel: title, steps, and the place of this one. */
  way?: { title: string; steps: [string, string][]; at: number };
  children: ComponentChildren;
}

/**
 * The layout of the screens outside the application; on the desktop a panel beside them says what Relais is for, or where
 * one is on the way to an account.
 */
export function AuthLayout({ wider, way, children }: AuthLayoutProps) {
  const w = entranceWords.value;
  return (
    <div class="auth">
      <aside class="promise" aria-label={words.value.name}>
        <Brand />
        <div class="mid">
          <h2>{way?.title ?? w.tagline}</h2>
          <ol class={way && "path"}>
            {(way?.steps ?? w.promise).map(([what, how], at) => (
              <li key={what} class={way && stepLook(at, way.at)} aria-current={at === way?.at ? "step" : undefined}>
                <i class="d">{way && at < way.at && <Icon name="check" size="xs" />}</i>
                <div>
                  <b>{what}</b>
                  {how}
                </div>
              </li>
            ))}
          </ol>
        </div>
        <footer>{w.hosted}</footer>
      </aside>
      <main class="door">
        <div class={wider ? "wider" : ""}>
          <div class="row brand-row">
            <Brand />
            {way && <span class="t13 soft">{w.step(way.at + 1, way.steps.length)}</span>}
          </div>
          {way && (
            <div class="progress" aria-hidden="true">
              {way.steps.map(([what], at) => (
                <i key={what} class={at <= way.at ? "on" : ""} />
              ))}
            </div>
          )}
          {children}
          <fieldset class="chips" aria-label={words.value.language}>
            {(["fr", "en"] as const).map(each => (
              <button
                type="button"
                key={each}
                class="chip"
                lang={each}
                aria-pressed={language.value === each}
                onClick={() => chooseLanguage(each)}
              >
                {words.value.languages[each]}
              </button>
            ))}
          </fieldset>
        </div>
      </main>
    </div>
  );
}

function stepLook(at: number, now: number): string {
  if (at < now) return "ok";
  return at === now ? "now" : "";
}
