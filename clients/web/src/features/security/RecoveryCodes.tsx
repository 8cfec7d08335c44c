/** Recovery codes, shown once: to be copied, printed or downloaded. */

import { useEffect } from "preact/hooks";
import { toast } from "../../ui/announcer";
import { FurtherIcon } from "../../ui/FurtherIcon";
import { Icon } from "../../ui/Icon";
import { securityWords } from "./words";

export function RecoveryCodes({ codes }: { codes: readonly string[] }) {
  const w = securityWords.value.codes;
  const text = `${w.fileTitle}\n\n${codes.join("\n")}\n`;
  // While they are on the screen, printing prints them alone.
  useEffect(() => {
    document.documentElement.classList.add("prints-codes");
    return () => document.documentElement.classList.remove("prints-codes");
  }, []);
  const download = () => {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([text], { type: "text/plain" }));
    link.download = "relais-codes.txt";
    link.click();
    URL.revokeObjectURL(link.href);
  };
  return (
    <>
      <p class="note clock">
        <Icon name="alert" size="s" />
        <span class="grow">{w.once}</span>
      </p>
      <ul class="recovery shown">
        {codes.map(code => (
          <li key={code}>
            <code>{code}</code>
          </li>
        ))}
      </ul>
      <div class="row wrap">
        <button
          type="button"
          class="btn line grow"
          onClick={() => void navigator.clipboard.writeText(text).then(() => toast(w.copied))}
        >
          <FurtherIcon name="copy" size="s" />
          {w.copy}
        </button>
        <button type="button" class="btn line grow" onClick={() => print()}>
          <FurtherIcon name="print" size="s" />
          {w.print}
        </button>
        <button type="button" class="btn line grow" onClick={download}>
          <FurtherIcon name="download" size="s" />
          {w.download}
        </button>
      </div>
    </>
  );
}
