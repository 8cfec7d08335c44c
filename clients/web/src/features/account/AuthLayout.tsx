import "./account.css";
import type { ComponentChildren } from "preact";
import { chooseLanguage, language, words } from "../../i18n";
import { Logo } from "../../ui/Icon";
import { signInWords } from "./signInWords";

function Brand() {
  return (
    <div class="brand">
      <Logo />
      {words.value.name}
    </div>
  );
}

/** The layout of the screens outside the application; on the desktop a panel beside them says what Relais is for. */
export function AuthLayout({ wider, children }: { wider?: boolean; children: ComponentChildren }) {
  const w = signInWords.value;
  return (
    <div class="auth">
      <aside class="promise" aria-label={words.value.name}>
        <Brand />
        <div class="mid">
          <h2>{w.tagline}</h2>
          <ol>
            {w.promise.map(([what, how]) => (
              <li key={what}>
                <i class="d" />
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
          <Brand />
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
