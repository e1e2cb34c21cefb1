// What is said when the browser makes or gives no passkey? The sentence that the page holds ready for it.
"use strict";

document.addEventListener("allauth.error", (event) => {
  const trouble = document.getElementById("passkey-trouble");
  if (!trouble) return;
  event.preventDefault();
  trouble.hidden = false;
});
