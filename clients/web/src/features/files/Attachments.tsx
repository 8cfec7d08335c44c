/** The files of a message: what each is, its size and state; a ready one is saved by a tap. */

import { FurtherIcon } from "../../ui/FurtherIcon";
import { Icon } from "../../ui/Icon";
import type { FileView } from "../../wire/types";
import { kindOf, nameParts, sizeIn } from "./fileName";
import "./files.css";
import { fileWords } from "./words";

export default function Attachments({ files }: { files: FileView[] }) {
  return (
    <ul class="atts">
      {files.map(file => (
        <li key={file.id}>
          <Attachment file={file} />
        </li>
      ))}
    </ul>
  );
}

function Attachment({ file }: { file: FileView }) {
  const w = fileWords.value;
  if (file.erased) return <span class="att gone">{w.erased}</span>;
  const shown = (
    <>
      <Tile file={file} />
      <span class="grow">
        <Name name={file.name} />
        <State file={file} />
      </span>
    </>
  );
  if (file.state !== "ready") return <div class="att">{shown}</div>;
  return (
    <a class="att" href={`/files/${file.id}`} download={file.name} aria-label={w.download(file.name)}>
      {shown}
      <FurtherIcon name="download" size="s" />
    </a>
  );
}

export function Tile({ file }: { file: FileView }) {
  const [, ending] = nameParts(file.name);
  if (file.state === "ready" && file.thumbnail)
    return <img class="ft" src={`/files/${file.id}/thumbnail`} alt="" loading="lazy" decoding="async" />;
  return <span class={`ft ${kindOf(file.type ?? "")}`}>{ending.slice(1).toUpperCase() || <Icon name="file" />}</span>;
}

export function Name({ name }: { name: string }) {
  const [stem, ending] = nameParts(name);
  return (
    <bdi class="nm" title={name}>
      <span class="cut">{stem}</span>
      <span>{ending}</span>
    </bdi>
  );
}

function State({ file }: { file: FileView }) {
  const w = fileWords.value;
  if (file.state === "refused")
    return (
      <span class="sub bad">
        <Icon name="alert" size="xs" />
        {w.refused[file.refusal ?? "damaged"]}
      </span>
    );
  if (file.state !== "ready")
    return (
      <span class="sub wait">
        <FurtherIcon name="scan" size="xs" />
        {w.checking}
      </span>
    );
  const said = [
    sizeIn(w.locale, file.size),
    ...(file.pages ? [w.pages(file.pages)] : []),
    ...(file.unscanned ? [w.unscanned] : []),
  ];
  return <span class="sub">{said.join(", ")}</span>;
}
