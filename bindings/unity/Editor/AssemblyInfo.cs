using System.Runtime.CompilerServices;

// tests/unity-package of the repository.
[assembly: InternalsVisibleTo("Suite")]
