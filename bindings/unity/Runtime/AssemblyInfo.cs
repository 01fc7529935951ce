using System.Runtime.CompilerServices;

[assembly: InternalsVisibleTo("Rendercast.Streaming.Editor")]
[assembly: InternalsVisibleTo("Rendercast.Streaming.Tests")]
// tests/unity-package of the repository.
[assembly: InternalsVisibleTo("Suite")]
