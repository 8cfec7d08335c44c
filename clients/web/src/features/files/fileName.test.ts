import { expect, test } from "vitest";
import { kindOf, nameParts, sizeIn } from "./fileName";

test("a name is cut before its ending, and one without an ending anywhere", () => {
  expect(nameParts("Compte rendu d’hospitalisation.pdf")).toEqual(["Compte rendu d’hospitalisation", ".pdf"]);
  expect(nameParts("facture.pdf.exe")).toEqual(["facture.pdf", ".exe"]);
  expect(nameParts("DICOMDIR")).toEqual(["DICOMDIR", ""]);
  expect(nameParts(".profile")).toEqual([".profile", ""]);
  expect(nameParts("Courrier du Dr. Belkhadra")).toEqual(["Courrier du Dr. Belkhadra", ""]);
});

test("a tile says what the content is", () => {
  expect(["application/pdf", "image/png", "audio/mp4", "application/dicom", ""].map(kindOf)).toEqual([
    "pdf",
    "img",
    "aud",
    "doc",
    "doc",
  ]);
});

test("a size has the unit of its magnitude", () => {
  const said = [1, 640_000, 999_499, 999_500, 12_800_000, 50_000_000].map(size => sizeIn("fr-FR", size));
  expect(said.map(one => one.replace(/\s/g, " "))).toEqual(["1 ko", "640 ko", "999 ko", "1 Mo", "12,8 Mo", "50 Mo"]);
});
