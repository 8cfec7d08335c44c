// Written by `relais wire` from the declarations of the rooms: change those, then run it.

/** Characters of a field of a patient's form, at most. */
export const FIELD_LENGTHS = {
  name: 100,
  text: 200,
  email: 254,
} as const;

/** The countries that a place of birth may be in. */
export const COUNTRIES = "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS XK YE YT ZA ZM ZW";

/** The region of the numbering plan by what a postal code begins with; elsewhere metropolitan France. */
export const PHONE_REGIONS = {
  "97133": "BL",
  "97150": "MF",
  "971": "GP",
  "972": "MQ",
  "973": "GF",
  "974": "RE",
  "975": "PM",
  "976": "YT",
  "986": "WF",
  "987": "PF",
  "988": "NC",
  "98000": "MC",
} as const;

/** The regions that share the plan of ten digits. */
export const TEN_DIGIT_REGIONS = [
  "FR",
  "RE",
  "YT",
  "GP",
  "MQ",
  "GF",
] as const;

/** Numbers for works of fiction; mobiles are in the group. */
export const FICTION_NUMBERS = "^(?:\\+33(63998\\d{4})|\\+33(?:19900|26191|35301|46571|53649)\\d{4})$";
