/** The account of the signed-in person, and their settings for theme and language. */

import type { ComponentChildren } from "preact";
import { chooseLanguage, language, theme, words } from "../../i18n";
import { href } from "../../runtime/routes";
import { Choice } from "../../ui/Field";
import { Icon } from "../../ui/Icon";
import { Avatar, Badge, BadgeLine } from "../../ui/members";
import { organisationName } from "../../ui/organisations";
import { shortcutsOpen } from "../shell/uiState";
import { Elsewhere } from "./Elsewhere";
import { SignOut } from "./SignOut";
import { settingsWords } from "./settingsWords";
import { session } from "./state";

/** A long address is broken before its @ rather than within a word. */
function Email({ address }: { address: string }) {
  const at = address.lastIndexOf("@");
  return (
    <bdi>
      {address.slice(0, at)}
      <wbr />
      {address.slice(at)}
    </bdi>
  );
}

export default function Account() {
  const w = settingsWords.value;
  const here = session.value;
  const me = here.state === "signed-in" ? here.me : null;
  const known: [string, ComponentChildren][] = me
    ? [
        [w.email, <Email address={me.email} />],
        [w.functionLabel, words.value.functions[me.function]],
        [w.profession, me.profession],
        [w.speciality, me.speciality],
        [w.rpps, me.rpps],
        [w.organisations, me.organisations.map(one => organisationName(one, me.organisations)).join(" · ")],
      ]
    : [];
  return (
    <section class="page">
      <header class="bar">
        <h1>{w.title}</h1>
      </header>
      <div class="scroll">
        <div class="narrow">
          {me && (
            <section class="card box-card">
              <div class="row">
                <Avatar id={me.id} name={me.name} size="l" />
                <h2 class="t17 grow">
                  <bdi>{me.name}</bdi>
                  {"\u00a0"}
                  <Badge badge={me.badge} />
                </h2>
              </div>
              <BadgeLine badge={me.badge} />
              {me.badge?.confirm_by && (
                <a class="btn main wide" href={href({ name: "verification" })}>
                  {w.confirm}
                </a>
              )}
              <dl class="kv">
                {known.map(
                  ([term, value]) => value && [<dt key={term}>{term}</dt>, <dd key={`${term}-v`}>{value}</dd>],
                )}
              </dl>
            </section>
          )}
          <nav class="card box-card" aria-label={w.title}>
            <a class="row" href={href({ name: "profile" })}>
              <Icon name="pen" size="s" />
              <span class="grow">{w.profile}</span>
              <Icon name="right" size="s" />
            </a>
            <a class="row" href={href({ name: "security" })}>
              <Icon name="shield" size="s" />
              <span class="grow">{w.security}</span>
              <Icon name="right" size="s" />
            </a>
          </nav>
          <Elsewhere />
          <section class="card box-card">
            <h2>{w.display}</h2>
            <Choice
              legend={w.theme}
              name="theme"
              options={(["auto", "light", "dark"] as const).map(each => [each, w.themes[each]])}
              value={theme.value}
              onChoose={chosen => (theme.value = chosen)}
            />
            <Choice
              legend={words.value.language}
              name="language"
              options={(["fr", "en"] as const).map(each => [each, words.value.languages[each]])}
              value={language.value}
              onChoose={chooseLanguage}
            />
          </section>
          <div class="row wrap">
            <button type="button" class="btn line only-desk" onClick={() => (shortcutsOpen.value = true)}>
              {w.keyboard}
            </button>
            <SignOut class="btn risk-line" />
          </div>
        </div>
      </div>
    </section>
  );
}
