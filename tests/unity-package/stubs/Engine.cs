// A stand-in for Unity's engine, for tests only: the members this package uses, written from their documented behaviour.
using System;
using System.Collections;
using System.Collections.Generic;
using System.Reflection;

namespace UnityEngine
{
    [Flags] public enum HideFlags { None = 0, HideAndDontSave = 61 }
    public enum RuntimeInitializeLoadType { AfterSceneLoad, BeforeSceneLoad, AfterAssembliesLoaded, BeforeSplashScreen, SubsystemRegistration }
    public enum PrimitiveType { Sphere, Capsule, Cylinder, Cube }
    public enum LightType { Spot, Directional, Point }

    [AttributeUsage(AttributeTargets.Field)] public sealed class SerializeField : Attribute { }
    [AttributeUsage(AttributeTargets.Field)] public sealed class TooltipAttribute : Attribute { public TooltipAttribute(string text) { } }
    [AttributeUsage(AttributeTargets.Field)] public sealed class HeaderAttribute : Attribute { public HeaderAttribute(string text) { } }
    [AttributeUsage(AttributeTargets.Field)] public sealed class RangeAttribute : Attribute { public RangeAttribute(float min, float max) { } }
    public sealed class AddComponentMenu : Attribute { public AddComponentMenu(string path) { } }
    public sealed class DisallowMultipleComponent : Attribute { }
    public sealed class DefaultExecutionOrder : Attribute
    {
        public readonly int order;
        public DefaultExecutionOrder(int order) { this.order = order; }
    }
    public sealed class CreateAssetMenuAttribute : Attribute
    {
        public string fileName { get; set; }
        public string menuName { get; set; }
        public int order { get; set; }
    }
    [AttributeUsage(AttributeTargets.Method)]
    public sealed class RuntimeInitializeOnLoadMethodAttribute : Attribute
    {
        public readonly RuntimeInitializeLoadType loadType;
        public RuntimeInitializeOnLoadMethodAttribute(RuntimeInitializeLoadType loadType) { this.loadType = loadType; }
    }

    public class Object
    {
        internal bool destroyed;
        public virtual string name { get; set; }
        public HideFlags hideFlags { get; set; }

        public static bool operator ==(Object a, Object b) { return IsSame(a, b); }
        public static bool operator !=(Object a, Object b) { return !IsSame(a, b); }
        public static implicit operator bool(Object a) { return !IsNull(a); }
        public override bool Equals(object other) { return IsSame(this, other as Object); }
        public override int GetHashCode() { return System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(this); }

        static bool IsNull(Object a) { return ReferenceEquals(a, null) || a.destroyed; }
        static bool IsSame(Object a, Object b) { return ReferenceEquals(a, b) || IsNull(a) && IsNull(b); }

        public static void Destroy(Object a) { if (!IsNull(a)) a.OnDestroyed(); }
        public static void DestroyImmediate(Object a) { Destroy(a); }
        internal virtual void OnDestroyed() { destroyed = true; }

        public static T FindObjectOfType<T>() where T : Object
        {
            foreach (var thing in StubPlayer.World)
            {
                var found = thing.GetComponent(typeof(T)) as T;
                if (found != null && thing.activeSelf) return found;
            }
            return null;
        }
    }

    public class ScriptableObject : Object
    {
        public static T CreateInstance<T>() where T : ScriptableObject, new() { return new T(); }
    }

    public class Component : Object
    {
        internal GameObject owner;
        public GameObject gameObject { get { return owner; } }
        public Transform transform { get { return owner.transform; } }
        public override string name { get { return owner.name; } set { owner.name = value; } }
        public T GetComponent<T>() where T : class { return owner.GetComponent(typeof(T)) as T; }
        /// <summary>The stub has no parents.</summary>
        public T GetComponentInParent<T>() where T : class { return GetComponent<T>(); }
    }

    public class Transform : Component
    {
        public Vector3 position { get; set; }
        public float turned;
        public void Rotate(float x, float y, float z) { turned += Math.Abs(x) + Math.Abs(y) + Math.Abs(z); }
    }

    public class Behaviour : Component
    {
        bool _enabled = true;
        public bool enabled { get { return _enabled; } set { _enabled = value; StubPlayer.Refresh(this); } }
        public bool isActiveAndEnabled { get { return !destroyed && _enabled && owner.activeSelf; } }
    }

    public class MonoBehaviour : Behaviour
    {
        internal bool awoken, running, started;
        internal Action update;
        internal Action<float[], int> filter;

        public Coroutine StartCoroutine(IEnumerator routine)
        {
            var coroutine = new Coroutine { Owner = this, Routine = routine };
            if (routine.MoveNext()) StubPlayer.Coroutines.Add(coroutine);
            return coroutine;
        }

        public void StopCoroutine(Coroutine coroutine) { StubPlayer.Coroutines.Remove(coroutine); }

        internal override void OnDestroyed()
        {
            if (running) StubPlayer.Stop(this);
            StubPlayer.Send(this, "OnDestroy");
            StubPlayer.Coroutines.RemoveAll(each => ReferenceEquals(each.Owner, this));
            owner.components.Remove(this);
            base.OnDestroyed();
        }
    }

    public sealed class Coroutine
    {
        internal MonoBehaviour Owner;
        internal IEnumerator Routine;
    }

    public sealed class GameObject : Object
    {
        internal readonly List<Component> components = new List<Component>();
        bool _active = true;

        public GameObject(string name = "")
        {
            this.name = name;
            Add(new Transform());
            StubPlayer.World.Add(this);
        }

        public bool activeSelf { get { return _active; } }
        public Transform transform { get { return (Transform)components[0]; } }

        public static GameObject CreatePrimitive(PrimitiveType type) { return new GameObject(type.ToString()); }

        public T AddComponent<T>() where T : Component, new()
        {
            var added = new T();
            Add(added);
            StubPlayer.Refresh(added as Behaviour);
            return added;
        }

        void Add(Component component)
        {
            component.owner = this;
            components.Add(component);
        }

        public T GetComponent<T>() where T : class { return GetComponent(typeof(T)) as T; }

        internal Component GetComponent(Type type)
        {
            foreach (var component in components) if (type.IsInstanceOfType(component)) return component;
            return null;
        }

        public void SetActive(bool active)
        {
            _active = active;
            foreach (var component in components.ToArray()) StubPlayer.Refresh(component as Behaviour);
        }

        internal override void OnDestroyed()
        {
            foreach (var component in components.ToArray()) if (!(component is Transform)) Destroy(component);
            StubPlayer.World.Remove(this);
            base.OnDestroyed();
        }
    }

    public static class Debug
    {
        public static readonly List<string> Lines = new List<string>();
        public static void Log(object text, Object context = null) { Write("log: ", text); }
        public static void LogWarning(object text, Object context = null) { Write("warning: ", text); }
        public static void LogError(object text, Object context = null) { Write("error: ", text); }

        static void Write(string kind, object text)
        {
            lock (Lines) Lines.Add(kind + text);
            Console.WriteLine("    " + kind + text);
        }
    }

    public static class Application
    {
        public static bool isEditor, isBatchMode;
        public static bool isPlaying = true;
        public static event Action quitting;
        public static void Quit() { if (quitting != null) quitting(); }
    }

    public static class Time
    {
        internal static double now;
        public static int frameCount { get; internal set; }
        public static float deltaTime { get; internal set; }
        public static double realtimeSinceStartupAsDouble { get { return now; } }
    }

    public sealed class WaitForEndOfFrame { }

    /// <summary>What a player does: loads, calls the messages of a frame in Unity's order, renders, quits.</summary>
    public static class StubPlayer
    {
        internal static readonly List<GameObject> World = new List<GameObject>();
        public static readonly List<Coroutine> Coroutines = new List<Coroutine>();
        static readonly List<MonoBehaviour> s_running = new List<MonoBehaviour>();
        const BindingFlags Any = BindingFlags.Instance | BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic;

        /// <summary>Runs the methods that Unity runs before the first scene.</summary>
        public static void Begin(Assembly assembly)
        {
            foreach (var type in assembly.GetTypes())
                foreach (var method in type.GetMethods(Any))
                    if (method.GetCustomAttribute<RuntimeInitializeOnLoadMethodAttribute>() != null) method.Invoke(null, null);
        }

        /// <summary>One frame.</summary>
        public static void Frame(double seconds = 0.02)
        {
            Time.frameCount++;
            Time.now += seconds;
            Time.deltaTime = (float)seconds;
            Rendering.AsyncGPUReadback.Advance();
            for (var at = 0; at < s_running.Count; at++)
            {
                var behaviour = s_running[at];
                if (!behaviour.started)
                {
                    behaviour.started = true;
                    Send(behaviour, "Start");
                }
            }
            for (var at = 0; at < s_running.Count; at++) if (s_running[at].update != null) s_running[at].update();
            Resume(false);
            Camera.RenderAll();
            if (!Application.isBatchMode) Resume(true);
        }

        static void Resume(bool atEnd)
        {
            for (var at = Coroutines.Count - 1; at >= 0; at--)
            {
                var routine = Coroutines[at].Routine;
                if (routine.Current is WaitForEndOfFrame == atEnd && !routine.MoveNext()) Coroutines.RemoveAt(at);
            }
        }

        /// <summary>The audio thread's turn: the filters of every object.</summary>
        public static void Sound(float[] data, int channels)
        {
            for (var at = 0; at < s_running.Count; at++) if (s_running[at].filter != null) s_running[at].filter(data, channels);
        }

        /// <summary>Sets what the inspector sets.</summary>
        public static void Set(Component component, string field, object value)
        {
            component.GetType().GetField(field, Any).SetValue(component, value);
        }

        /// <summary>Unloads the scene.</summary>
        public static void Clear()
        {
            foreach (var thing in World.ToArray()) Object.Destroy(thing);
        }

        internal static void Send(MonoBehaviour behaviour, string message)
        {
            var method = behaviour.GetType().GetMethod(message, Any);
            if (method == null) return;
            try { method.Invoke(behaviour, null); }
            catch (TargetInvocationException error) { Debug.LogError(error.InnerException); }
        }

        static int Order(MonoBehaviour behaviour)
        {
            var order = behaviour.GetType().GetCustomAttribute<DefaultExecutionOrder>();
            return order != null ? order.order : 0;
        }

        internal static void Refresh(Behaviour component)
        {
            var behaviour = component as MonoBehaviour;
            if (ReferenceEquals(behaviour, null)) return;
            var wanted = behaviour.isActiveAndEnabled;
            if (wanted == behaviour.running) return;
            if (!wanted)
            {
                Stop(behaviour);
                return;
            }
            behaviour.running = true;
            behaviour.update = Method<Action>(behaviour, "Update");
            behaviour.filter = Method<Action<float[], int>>(behaviour, "OnAudioFilterRead");
            s_running.Add(behaviour);
            s_running.Sort((a, b) => Order(a).CompareTo(Order(b)));
            if (!behaviour.awoken) Send(behaviour, "Awake");
            behaviour.awoken = true;
            Send(behaviour, "OnEnable");
        }

        static T Method<T>(MonoBehaviour behaviour, string name) where T : class
        {
            var method = behaviour.GetType().GetMethod(name, Any);
            return method != null ? Delegate.CreateDelegate(typeof(T), behaviour, method) as T : null;
        }

        internal static void Stop(MonoBehaviour behaviour)
        {
            behaviour.running = false;
            s_running.Remove(behaviour);
            Send(behaviour, "OnDisable");
            // Unity ends coroutines with the object; a disabled component of an active one keeps its own.
            if (behaviour.destroyed || !behaviour.owner.activeSelf) Coroutines.RemoveAll(each => each.Owner == behaviour);
        }
    }
}

namespace UnityEngine.Events
{
    public delegate void UnityAction<T>(T value);

    [Serializable]
    public class UnityEvent<T>
    {
        UnityAction<T> _listeners;
        public void AddListener(UnityAction<T> listener) { _listeners += listener; }
        public void RemoveListener(UnityAction<T> listener) { _listeners -= listener; }
        public void Invoke(T value) { if (_listeners != null) _listeners(value); }
    }
}

namespace UnityEngine.SceneManagement
{
    public struct Scene { }
    public static class SceneManager { public static Scene GetActiveScene() { return new Scene(); } }
}
