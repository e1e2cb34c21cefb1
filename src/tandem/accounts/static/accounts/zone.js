// Which time zone is this browser in? Fills it in where nobody has chosen one yet.
"use strict";

for (const select of document.querySelectorAll("select[data-guess-zone]")) {
  const here = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (select.value === "UTC" && [...select.options].some((option) => option.value === here)) select.value = here;
}
