#!/bin/sh
# Compiles the package with Mono's C# compiler, as C# 7.2 and with warnings as errors, against stand-ins for Unity's assemblies.
# compile.sh OUT
set -eu
cd "$(dirname "$0")/../.."
out=$1
package=bindings/unity
stubs=tests/unity-package/stubs
mkdir -p "$out/plain"
# In a package without the Input System there are no devices to feed.
input='-define:ENABLE_INPUT_SYSTEM -define:RENDERCAST_INPUT_SYSTEM'

# compile TARGET [options] files
compile() {
    target=$1
    shift
    mcs -nologo -langversion:7.2 -unsafe -warnaserror -warn:4 -debug -target:library -out:"$target" -lib:"$out" "$@"
}
sources() { find "$@" -name '*.cs' | sort; }

# The stand-ins have fields that only Unity would set.
compile "$out/UnityEngine.dll" -nowarn:649,169,414,659,661,67 $stubs/Engine.cs $stubs/Json.cs $stubs/Graphics.cs
compile "$out/UnityEditor.dll" -nowarn:649,169,414,67 -r:UnityEngine.dll $stubs/Editor.cs
compile "$out/Unity.InputSystem.dll" -nowarn:649 -r:UnityEngine.dll $stubs/InputSystem.cs
compile "$out/nunit.framework.dll" $stubs/NUnit.cs
runtime=$(sources $package/Runtime)
compile "$out/plain/Rendercast.Streaming.dll" -r:UnityEngine.dll $runtime
compile "$out/Rendercast.Streaming.dll" $input -r:UnityEngine.dll -r:Unity.InputSystem.dll $runtime
for lib in "$out/plain/" "$out/"; do
    case $lib in */plain/) defines= ;; *) defines=$input ;; esac
    compile "${lib}Rendercast.Streaming.Editor.dll" $defines -r:UnityEngine.dll -r:UnityEditor.dll \
        -r:"${lib}Rendercast.Streaming.dll" $(sources $package/Editor)
done
streaming="-r:UnityEngine.dll -r:Rendercast.Streaming.dll"
compile "$out/Rendercast.Streaming.Tests.dll" $streaming -r:nunit.framework.dll $(sources $package/Tests)
compile "$out/Assembly-CSharp.dll" $streaming $(find $package/Samples~ -name '*.cs' -not -path '*/Editor/*')
compile "$out/Assembly-CSharp-Editor.dll" $streaming -r:Assembly-CSharp.dll -r:UnityEditor.dll \
    $(find $package/Samples~ -name '*.cs' -path '*/Editor/*')
mcs -nologo -langversion:7.2 -unsafe -warnaserror -debug -out:"$out/Suite.exe" -lib:"$out" $input $streaming -r:Unity.InputSystem.dll \
    -r:UnityEditor.dll -r:Rendercast.Streaming.Editor.dll -r:Assembly-CSharp.dll -r:Assembly-CSharp-Editor.dll \
    $(sources tests/unity-package/programs)
