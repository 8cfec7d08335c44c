/** Telephone numbers as people in France read them. */

/** "+33639984107" → "06 39 98 41 07"; others as they are. */
export function phoneText(phone: string): string {
  const digits = phone.replace(/[\s.()-]/g, "").replace(/^(\+33|0033)0?/, "0");
  return /^0\d{9}$/.test(digits) ? digits.replace(/(\d\d)(?=\d)/g, "$1\u00a0") : phone;
}

/** Whether it can receive an SMS: French mobiles, overseas included. */
export function isMobile(phone: string): boolean {
  const digits = phone.replace(/[\s.()-]/g, "").replace(/^00/, "+");
  return (
    /^(0|\+33)0?[67]\d{8}$/.test(digits) ||
    /^\+262(639|69[23])\d{6}$/.test(digits) ||
    /^\+(590690|590691|594694|596696)\d{6}$/.test(digits)
  );
}

/** "06 •• •• 41 07": enough to recognise a number that one knows. */
export function maskedPhone(phone: string): string {
  const parts = phoneText(phone).split("\u00a0");
  return parts.length === 5 ? [parts[0], "••", "••", ...parts.slice(3)].join("\u00a0") : `•••• ${phone.slice(-2)}`;
}
