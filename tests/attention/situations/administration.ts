// Holds situations of who looks after a machine: packages, their questions, and git by the line.
import { is, type Situation, script, shows, stays, type } from "../situation.ts";

/** Builds a package of that name and version from nothing; its conffile says `text`. */
const BUILD = `build() { # NAME VERSION TEXT [DEPENDS]
  mkdir -p $1/DEBIAN $1/etc
  printf 'Package: %s\\nVersion: %s\\nArchitecture: all\\nMaintainer: A <a@example.com>\\nDescription: x\\n' $1 $2 >$1/DEBIAN/control
  if [ -n "$4" ]; then echo "Depends: $4" >>$1/DEBIAN/control; fi
  echo /etc/$1.conf >$1/DEBIAN/conffiles
  echo $3 >$1/etc/$1.conf
  dpkg-deb -b $1 $1-$2.deb >/dev/null
}`;

const DPKG = "dpkg --root=$HOME/root --log=$HOME/log --force-not-root";

const SCRATCH_ROOT = `${BUILD}
mkdir -p root/var/lib/dpkg/info root/var/lib/dpkg/updates root/var/lib/dpkg/alternatives
touch root/var/lib/dpkg/status
build corpus 1 one
${DPKG} -i corpus-1.deb >/dev/null
echo mine >root/etc/corpus.conf
build corpus 2 two`;

const ARCHIVE = `${BUILD}
build first 1 one second
build second 1 one
mkdir -p lists/partial cache/archives/partial
touch status
echo "deb [trusted=yes] file:$HOME ./" >sources.list
cat >apt.conf <<END
Dir::State::lists "$HOME/lists"; Dir::State::status "$HOME/status"; Dir::Cache "$HOME/cache";
Dir::State::extended_states "$HOME/extended"; Dir::Etc::sourcelist "$HOME/sources.list"; Dir::Etc::sourceparts "/dev/null";
Dir::Etc::preferencesparts "/dev/null"; Debug::NoLocking "1"; APT::Sandbox::User "root"; Dir::Log "$HOME";
END
for name in first second; do
  dpkg-deb -f $name-1.deb
  printf 'Filename: ./%s-1.deb\\nSize: %s\\nSHA256: %s\\n\\n' $name $(stat -c %s $name-1.deb) $(sha256sum $name-1.deb | cut -d' ' -f1)
done >Packages
apt-get -qq -c apt.conf update`;

const QUESTIONS = `mkdir debconf
cat >config.dat <<END
Name: config
Driver: File
Filename: $HOME/debconf/config

Name: templates
Driver: File
Filename: $HOME/debconf/templates
END
sed -i '1i Config: config\\nTemplates: templates\\n' config.dat
printf 'Template: corpus/colour\\nType: select\\nChoices: red, green\\nDescription: Which colour?\\n' >ask.templates
printf '#!/bin/sh\\n. /usr/share/debconf/confmodule\\ndb_x_loadtemplatefile %s/ask.templates corpus\\ndb_input high corpus/colour\\ndb_go\\n' $HOME >ask
chmod +x ask`;

const debconf = { needs: ["debconf", "whiptail"], prepare: QUESTIONS } as const;
const DEBCONF = "DEBCONF_SYSTEMRC=$HOME/config.dat DEBIAN_PRIORITY=low debconf -ocorpus";

export const administration: readonly Situation[] = [
  {
    name: "dpkg that asks about a configuration file",
    argv: script(`${DPKG} -i corpus-2.deb`),
    needs: ["dpkg-deb"],
    prepare: SCRATCH_ROOT,
    steps: [shows("default=N"), stays("needs_input"), type("n\r"), is("done")],
  },
  {
    name: "apt-get that asks whether to continue",
    argv: script("apt-get -c apt.conf install first"),
    needs: ["apt-get"],
    prepare: ARCHIVE,
    steps: [shows("Do you want to continue"), stays("needs_input"), type("n\r"), shows("Abort"), is("done")],
  },
  {
    name: "debconf that asks in a dialog",
    argv: script(`${DEBCONF} -fdialog ./ask`),
    ...debconf,
    steps: [shows("Which colour"), stays("needs_input")],
  },
  {
    name: "debconf that asks on a line",
    argv: script(`${DEBCONF} -freadline ./ask`),
    ...debconf,
    steps: [shows("Which colour"), stays("needs_input")],
  },
  {
    name: "git that asks which hunks to add",
    argv: script("cd repo; git add -p"),
    needs: ["git"],
    prepare:
      "git init -q repo; cd repo; echo 1 >a; git add a; git -c user.email=a@example.com -c user.name=A commit -qm one; echo 2 >a",
    steps: [shows("Stage this hunk"), stays("needs_input")],
  },
];
