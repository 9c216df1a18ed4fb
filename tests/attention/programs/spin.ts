// spin: turns a sign ten times a second, as package managers do while they fetch.
const signs = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏";
let turn = 0;
setInterval(() => process.stdout.write(`\r${signs[turn++ % signs.length]} fetching packages: `), 100);
