/** Finding a colleague: in one box, around a place, narrowed by filters. As one types. */

import "../../ui/columns.css";
import "./directory.css";
import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { href } from "../../runtime/routes";
import { announce, toast } from "../../ui/announcer";
import { Empty, Failed, Skeleton } from "../../ui/Empty";
import { tooLong, Wrong } from "../../ui/Field";
import { FurtherIcon } from "../../ui/FurtherIcon";
import { Icon } from "../../ui/Icon";
import { arrows, downTo } from "../../ui/keyboard";
import { SEARCH_DIRECTORY_LENGTHS } from "../../wire/constants";
import { plain } from "../../wire/text";
import type { Hit } from "../../wire/types";
import { Found } from "./Found";
import { Result } from "./Result";
import type { DirectoryQuery } from "./state";
import { directory, search, searchMore } from "./state";
import { directoryWords } from "./words";

const RADII = [5, 10, 20, 30, 50, 100];

interface Asked {
  text: string;
  where: string;
  here: { lat: number; lon: number } | null;
  radius: number;
  bookable: boolean;
  onRelais: boolean;
  speciality: string;
  organisation: string;
}

function asked(query: DirectoryQuery): Asked {
  const { place } = query;
  return {
    text: query.text ?? "",
    where: place?.postal_code ?? place?.city ?? "",
    here: place?.lat !== undefined && place.lon !== undefined ? { lat: place.lat, lon: place.lon } : null,
    radius: query.radius_km ?? 30,
    bookable: query.bookable ?? false,
    onRelais: query.on_relais ?? false,
    speciality: query.speciality ?? "",
    organisation: query.organisation ?? "",
  };
}

function placeOf({ where, here }: Asked): DirectoryQuery["place"] {
  const typed = plain(where);
  if (here) return here;
  const code = typed.replaceAll(" ", "");
  if (/^[0-9][0-9AB][0-9]{0,3}$/i.test(code))
    return code.length === 5 ? { postal_code: code.toUpperCase() } : undefined;
  return typed.length > 2 ? { city: typed } : undefined;
}

function queryOf(form: Asked): DirectoryQuery {
  const query: DirectoryQuery = {};
  const place = placeOf(form);
  if (form.text.trim().length > 1) query.text = form.text.trim();
  if (form.speciality.trim()) query.speciality = form.speciality.trim();
  if (form.organisation.trim()) query.organisation = form.organisation.trim();
  if (place) Object.assign(query, { place, radius_km: form.radius });
  if (form.bookable) query.bookable = true;
  if (form.onRelais) query.on_relais = true;
  return query;
}

/** What is too long to be looked for: the search waits until it is shortened. */
const overlong = ({ text, where, speciality, organisation }: Asked): string | undefined =>
  [text, where, speciality, organisation]
    .map(typed => tooLong(typed, SEARCH_DIRECTORY_LENGTHS.text))
    .find(error => error !== undefined);

const says = (query: DirectoryQuery): boolean =>
  Boolean(query.text ?? query.speciality ?? query.organisation ?? query.place);

interface SearchProps {
  title: string;
  /** Beside the title. */
  beside?: ComponentChildren;
  /** What the search is for, above the help. */
  purpose?: ComponentChildren;
  /** A colleague who can be booked online was chosen. */
  onBook: (hit: Hit) => void;
}

export function Search({ title, beside, purpose, onBook }: SearchProps) {
  const w = directoryWords.value;
  return (
    <section class="page">
      <header class="bar">
        <h1>{title}</h1>
        {beside}
      </header>
      <div class="scroll">
        <div class="cols">
          <div>
            <Form />
            <Results onBook={onBook} />
          </div>
          <aside class="side">
            {purpose}
            <a class="btn line" href={href({ name: "referrals", side: "made" })}>
              <Icon name="refer" size="s" />
              {w.follow}
            </a>
            <section class="card only-desk">
              <h2>{w.helpTitle}</h2>
              <ol class="sum">
                {w.help.map((line, at) => (
                  <li class="ln" key={line}>
                    <span class="count">{at + 1}</span>
                    <div>{line}</div>
                  </li>
                ))}
              </ol>
            </section>
          </aside>
        </div>
      </div>
    </section>
  );
}

function Form() {
  const w = directoryWords.value;
  const [form, setForm] = useState<Asked>(() => asked(directory.peek().query));
  const [more, setMore] = useState(Boolean(form.speciality || form.organisation));
  const change = (part: Partial<Asked>) => setForm({ ...form, ...part });
  const long = overlong(form);
  useSearch(form);
  return (
    <search>
      <form
        class="card find"
        aria-label={w.form}
        onSubmit={event => {
          event.preventDefault();
          if (says(queryOf(form)) && !long) search(queryOf(form));
        }}
      >
        <div class="part">
          <label for="what">{w.what}</label>
          <span class="val">
            <Icon name="search" size="s" />
            <input
              id="what"
              data-search
              type="search"
              placeholder={w.whatPlaceholder}
              value={form.text}
              onInput={event => change({ text: event.currentTarget.value })}
              onKeyDown={downTo(".res")}
            />
          </span>
        </div>
        <div class="part">
          <label for="where">{w.where}</label>
          <span class="val">
            <Icon name="pin" size="s" />
            <input
              id="where"
              type="text"
              placeholder={w.wherePlaceholder}
              value={form.here ? w.here : form.where}
              onInput={event => change({ where: event.currentTarget.value, here: null })}
            />
            <select
              aria-label={w.radius}
              value={String(form.radius)}
              onChange={event => change({ radius: Number(event.currentTarget.value) })}
            >
              {RADII.map(radius => (
                <option key={radius} value={String(radius)}>
                  {w.km(radius)}
                </option>
              ))}
            </select>
          </span>
        </div>
        <button type="submit" class="btn main">
          {w.submit}
        </button>
      </form>
      {long && (
        <div role="alert">
          <Wrong text={long} />
        </div>
      )}
      <fieldset class="refine" aria-label={w.filters}>
        <button
          type="button"
          class="chip"
          aria-pressed={form.here !== null}
          onClick={() => (form.here ? change({ here: null }) : locate(here => change({ here })))}
        >
          <FurtherIcon name="locate" size="s" />
          {w.aroundMe}
        </button>
        <button
          type="button"
          class="chip"
          aria-pressed={form.bookable}
          onClick={() => change({ bookable: !form.bookable })}
        >
          {w.bookable}
        </button>
        <button
          type="button"
          class="chip"
          aria-pressed={form.onRelais}
          onClick={() => change({ onRelais: !form.onRelais })}
        >
          {w.onRelais}
        </button>
        <button type="button" class="chip" aria-expanded={more} onClick={() => setMore(!more)}>
          <FurtherIcon name="filter" size="s" />
          {w.more}
        </button>
        {more && (
          <div class="more-fields">
            {(["speciality", "organisation"] as const).map(field => (
              <label class="in" key={field}>
                <span class="lbl">{w.fields[field]}</span>
                <input
                  type="text"
                  value={form[field]}
                  onInput={event => change({ [field]: event.currentTarget.value })}
                />
              </label>
            ))}
          </div>
        )}
      </fieldset>
    </search>
  );
}

/** Each change of the form is a question, once the fingers rest. */
function useSearch(form: Asked): void {
  const query = queryOf(form);
  const key = JSON.stringify(query);
  const last = useRef(key);
  useEffect(() => {
    if (last.current === key || overlong(form)) return;
    const soon = setTimeout(() => {
      last.current = key;
      search(query);
    }, 180);
    return () => clearTimeout(soon);
  }, [key]);
}

function locate(found: (here: { lat: number; lon: number }) => void): void {
  const denied = () => toast(directoryWords.value.hereDenied);
  if (!("geolocation" in navigator)) {
    denied();
    return;
  }
  navigator.geolocation.getCurrentPosition(
    ({ coords }) => found({ lat: coords.latitude, lon: coords.longitude }),
    denied,
    { timeout: 10_000, maximumAge: 300_000 },
  );
}

function Results({ onBook }: Pick<SearchProps, "onBook">) {
  const w = directoryWords.value;
  const { state, hits, organisations, more, problem, query } = directory.value;
  useEffect(() => {
    if (state === "done") announce(w.results(hits.length, more));
  }, [state, hits]);
  if (state === "idle")
    return (
      <Empty icon="search" title={w.idle}>
        {w.idleText}
      </Empty>
    );
  if (state === "failed" && problem) return <Failed problem={problem} onRetry={() => search(query)} />;
  if (state === "searching" && hits.length === 0) return <Skeleton rows={4} />;
  if (hits.length === 0 && organisations.length === 0)
    return (
      <Empty icon="search" title={w.nothing}>
        {w.nothingText}
      </Empty>
    );
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: arrow keys go through the results inside, which take the focus
    <div class={`results ${state === "searching" ? "stale" : ""}`} onKeyDown={arrows(".res")}>
      <Found organisations={organisations} />
      <div class="resh">
        <h2>{w.results(hits.length, more)}</h2>
        <span class="t13 muted">{w.order}</span>
      </div>
      {hits.map(hit => (
        <Result key={hit.practitioner.id} hit={hit} onBook={onBook} />
      ))}
      {more && (
        <p class="center">
          <button type="button" class="btn bare" onClick={searchMore}>
            {w.nextPage}
          </button>
        </p>
      )}
    </div>
  );
}
