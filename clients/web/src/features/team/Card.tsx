/** What everybody sees of an organisation, how it is run, and changing both. */

import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { href } from "../../runtime/routes";
import { toast } from "../../ui/announcer";
import { Icon } from "../../ui/Icon";
import { phoneText } from "../../ui/phone";
import { explain } from "../../ui/problem";
import type { OrganisationProfile } from "../../wire/types";
import { AddPart } from "./AddPart";
import { EditCard } from "./EditCard";
import { TeamFrame } from "./Frame";
import { byWeekday, dayNames } from "./hours";
import { changeOrganisation } from "./state";
import { teamWords } from "./words";

type Open = "edit" | "site" | "service" | null;

export function Card({ organisation }: { organisation: OrganisationProfile }) {
  const w = teamWords.value.card;
  const [open, setOpen] = useState<Open>(null);
  const may = (ability: NonNullable<OrganisationProfile["abilities"]>[number]) =>
    organisation.abilities?.includes(ability);
  const { settings, sites = [], services = [] } = organisation;
  const edits = may("settings");
  const close = () => setOpen(null);
  return (
    <TeamFrame
      id={organisation.id}
      tab="settings"
      actions={
        edits && (
          <button type="button" class="btn line" onClick={() => setOpen("edit")}>
            <Icon name="pen" size="s" />
            {teamWords.value.edit}
          </button>
        )
      }
    >
      <div class="cols">
        <div class="stack gap-l">
          {settings?.looked_after === false && <Abandoned organisation={organisation.id} />}
          <Identity organisation={organisation} />
          <Block title={w.sites} {...(edits ? { action: w.addSite, onAct: () => setOpen("site") } : {})}>
            {sites.length === 0 && <p class="hint">{w.noSites}</p>}
            <ul class="tm-lines">
              {sites.map(site => (
                <li key={site.id}>
                  <Icon name="pin" size="s" />
                  <span>
                    <b>
                      <bdi>{site.name}</bdi>
                    </b>
                    <span class="t13 soft">
                      {[site.address, [site.postal_code, site.city].filter(Boolean).join(" ")]
                        .filter(Boolean)
                        .join(", ")}
                    </span>
                  </span>
                </li>
              ))}
            </ul>
          </Block>
          {organisation.kind === "establishment" && (
            <Block title={w.services} {...(edits ? { action: w.addService, onAct: () => setOpen("service") } : {})}>
              {services.length === 0 && <p class="hint">{w.noServices}</p>}
              <ul class="tm-lines">
                {services.map(service => (
                  <li key={service.id}>
                    <Icon name="users" size="s" />
                    <a href={href({ name: "team", organisation: service.id, tab: "settings" })}>
                      <bdi>{service.name}</bdi>
                    </a>
                  </li>
                ))}
              </ul>
            </Block>
          )}
        </div>
        <aside class="side">
          <Block title={w.hours}>
            <HoursList organisation={organisation} />
          </Block>
          {settings && <Rules organisation={organisation} />}
        </aside>
      </div>
      {open === "edit" && <EditCard organisation={organisation} onClose={close} />}
      {(open === "site" || open === "service") && <AddPart what={open} organisation={organisation} onClose={close} />}
    </TeamFrame>
  );
}

interface BlockProps {
  title: string;
  action?: string;
  onAct?: () => void;
  children: ComponentChildren;
}

function Block({ title, action, onAct, children }: BlockProps) {
  return (
    <section class="card tm-blk" aria-label={title}>
      <h2>
        {title}
        {action && (
          <button type="button" class="btn bare small" onClick={onAct}>
            {action}
          </button>
        )}
      </h2>
      <div class="tm-in">{children}</div>
    </section>
  );
}

function Identity({ organisation }: { organisation: OrganisationProfile }) {
  const w = teamWords.value.card;
  const { phone, email, website, finess, parent, parent_name, specialities = [] } = organisation;
  const known: [string, ComponentChildren][] = [
    ...(parent && parent_name
      ? ([[w.partOf, <a href={href({ name: "team", organisation: parent, tab: "settings" })}>{parent_name}</a>]] as [
          string,
          ComponentChildren,
        ][])
      : []),
    ...(finess ? ([[w.finess, finess]] as [string, ComponentChildren][]) : []),
    ...(phone ? ([[w.phone, <a href={`tel:${phone}`}>{phoneText(phone)}</a>]] as [string, ComponentChildren][]) : []),
    ...(email ? ([[w.email, <a href={`mailto:${email}`}>{email}</a>]] as [string, ComponentChildren][]) : []),
    ...(website ? ([[w.website, <bdi>{website}</bdi>]] as [string, ComponentChildren][]) : []),
    ...(specialities.length ? ([[w.specialities, specialities.join(", ")]] as [string, ComponentChildren][]) : []),
  ];
  return (
    <section class="card tm-blk">
      <h2>
        <bdi>{organisation.name}</bdi>
        <span class="tag accent">{teamWords.value.kinds[organisation.kind]}</span>
      </h2>
      <div class="tm-in">
        {known.length === 0 && <p class="hint">{w.nothing}</p>}
        <dl class="kv">
          {known.map(([term, value]) => [<dt key={term}>{term}</dt>, <dd key={`${term}-v`}>{value}</dd>])}
        </dl>
      </div>
    </section>
  );
}

function HoursList({ organisation }: { organisation: OrganisationProfile }) {
  const w = teamWords.value.card;
  const days = byWeekday(organisation.hours ?? []);
  if (!days.some(spans => spans.length)) return <p class="hint">{w.noHours}</p>;
  return (
    <dl class="kv">
      {dayNames().map((name, weekday) => [
        <dt key={name}>{name}</dt>,
        <dd key={`${name}-v`}>
          {days[weekday]!.map(({ opens, closes }) => `${opens}–${closes}`).join(", ") || (
            <span class="muted">{w.closed}</span>
          )}
        </dd>,
      ])}
    </dl>
  );
}

function Rules({ organisation }: { organisation: OrganisationProfile }) {
  const w = teamWords.value.card;
  const { settings } = organisation;
  if (!settings) return null;
  const rules: [string, boolean | undefined][] = [
    [w.ownPatients[0], settings.own_patients_only],
    [w.schedules[0], settings.schedules_shown],
    [w.document[0], settings.demands_document],
  ];
  return (
    <Block title={w.rulesTitle}>
      <p class="lbl">{w.access}</p>
      <p class="t14">{w.rules[settings.access_rule]}</p>
      <dl class="kv tm-gap">
        {rules.map(([name, on]) => [<dt key={name}>{name}</dt>, <dd key={`${name}-v`}>{on ? w.yes : w.no}</dd>])}
        <dt>{w.lock}</dt>
        <dd>{settings.lock_at_most ? w.lockAfter(settings.lock_at_most) : w.lockFree}</dd>
      </dl>
    </Block>
  );
}

/** Nobody is left who can act: the wish goes to a moderator. */
function Abandoned({ organisation }: { organisation: string }) {
  const w = teamWords.value.card;
  const [state, setState] = useState<"idle" | "busy" | "asked">("idle");
  const claim = async () => {
    setState("busy");
    const outcome = await changeOrganisation("organisation.claim", { organisation });
    setState(outcome.ok ? "asked" : "idle");
    toast(outcome.ok ? w.claimed : explain(outcome.problem));
  };
  return (
    <div class="note clock">
      <Icon name="alert" size="s" />
      <span class="grow">{state === "asked" ? w.claimed : w.abandoned}</span>
      {state !== "asked" && (
        <button type="button" class="btn bare small" disabled={state === "busy"} onClick={() => void claim()}>
          {w.claim}
        </button>
      )}
    </div>
  );
}
